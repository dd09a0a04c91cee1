"""Stored files: written durably, removed late, sent behind the gate."""
