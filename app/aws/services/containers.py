"""Containers: ECS clusters and services."""

from app.aws.services.category import CategoryService

ContainersService = CategoryService("containers")
