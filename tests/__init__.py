"""Tests of Tierwise."""
