"""The flows, one file each, to be read aloud: they wire the stages and decide nothing themselves."""
