"""Statement that MathML is well-formed and holds what the LaTeX holds."""

import re
from xml.etree import ElementTree as ET

from symdiff.explain.mathml import LONGEST, mathml

CHILDREN = {"mfrac": 2, "mroot": 2, "mover": 2, "msub": 2, "msup": 2, "munder": 2, "msubsup": 3}
KNOWN = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msqrt", "mtable", "mtr", "mtd"}
LEAVES = {"mi", "mn", "mo", "mtext"}


def check_mathml(tex: str) -> None:
    """State that elements have as many children as MathML Core says, and no letter is lost."""
    text = mathml(tex)
    root = ET.fromstring(text)
    if len(tex) > LONGEST:
        assert root.text == tex
        return
    for element in root.iter():
        assert len(element) == CHILDREN.get(element.tag, len(element)), (tex, text)
        assert element.tag in KNOWN or element.tag in CHILDREN, element.tag
        if element.tag in LEAVES:
            assert element.text
            assert "\\" not in element.text
            assert not len(element)
    # letters and digits that stand in no command, in their order: degrees of roots come last there
    named = re.sub(r"\\(begin|end)\{\w+\}|\\sqrt\[3\]", "", tex)
    words = "max|min|det|exp|ln|log|sinh|cosh|tanh|sin|cos|tan|arcsin|arccos|arctan"
    named = re.sub(rf"\\({words})(?![a-z])", r"\1", named).replace(r"\bmod", "mod")
    expected = re.findall(r"[A-Za-z0-9]", re.sub(r"\\[A-Za-z]+", "", named))
    shown = "".join([e.text for e in root.iter() if e.tag in LEAVES])
    if "\\sqrt[3]" not in tex:
        assert re.findall(r"[A-Za-z0-9]", shown) == expected, tex
