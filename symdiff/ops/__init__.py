"""Operations: one record each, the identities, and the builder."""
