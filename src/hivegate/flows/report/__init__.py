"""Render, store and post results."""
