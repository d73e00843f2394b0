"""GateResult -> text: rows computed once in `view`, and one file a format that only spells them."""
