"""Judged searches: a fixed library, questions with their right answers, and how well they do."""
