"""Internet of things: devices and what they report to."""

from app.aws.services.category import CategoryService

InternetOfThingsService = CategoryService("internet-of-things")
