"""The primitives beside a loop in C and two versions in Rust: same machine, same input, same output, in turns."""
