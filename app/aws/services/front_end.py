"""Front-end web and mobile: applications, APIs and what they are tested with."""

from app.aws.services.category import CategoryService

FrontEndService = CategoryService("front-end-web-and-mobile")
