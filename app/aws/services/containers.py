"""Containers: clusters, services, registries."""

from app.aws.services.category import CategoryService

ContainersService = CategoryService("containers")
