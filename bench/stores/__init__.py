"""Stores against those of others."""
