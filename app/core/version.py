"""The product's version, recorded with each execution."""

VERSION = "0.1.0"
