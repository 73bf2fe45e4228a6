"""Tests of what an operator sees: the log, the figures for Prometheus, the doctor."""
