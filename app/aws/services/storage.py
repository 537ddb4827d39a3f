"""Storage: volumes, snapshots, buckets, file systems, backups."""

from app.aws.services.category import CategoryService

StorageService = CategoryService("storage")
