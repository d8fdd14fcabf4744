"""Parts of a page of an explanation."""

import html
import re


def data_of(page):
    """The data, as JSON."""
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return found


def programs_of(page):
    """The functions of the steps."""
    (found,) = re.findall(r"^const PROGRAMS = (.*);$", page, re.M)
    return found


def numbers_of(page):
    """By place, the texts that stand there."""
    found = {}
    for slot, text in re.findall(r'data-v="([^"]*)">([^<]*)<', page):
        found.setdefault(html.unescape(slot), set()).add(html.unescape(text))
    return found
