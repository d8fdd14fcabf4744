"""Entries: how a public function of a module gets from the user's arguments to a body."""
