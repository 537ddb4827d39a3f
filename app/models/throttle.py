"""How often something was tried, counted here while Redis is away."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Throttle(Base):
    """One bucket: when it will be full again. `key` is an HMAC of what was tried, by
    whom and from where; it belongs to no tenant, for nobody is known yet."""

    __tablename__ = "throttles"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    full_at: Mapped[datetime]
