"""Media: channels, flows and what they are packaged into."""

from app.aws.services.category import CategoryService

MediaService = CategoryService("media")
