"""Compute: instances and what they start from, functions, Auto Scaling groups."""

from app.aws.services.category import CategoryService

ComputeService = CategoryService("compute")
