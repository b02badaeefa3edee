"""Findings on announcements, compiled issues and audiences."""
