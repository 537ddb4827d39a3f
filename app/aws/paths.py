"""JMESPath over AWS's answers, with one function of our own: `arn_name(arn)`."""

from functools import cache
from typing import Any

import jmespath  # type: ignore[import-untyped]  # the package ships no types
from jmespath import functions


class _Functions(functions.Functions):  # type: ignore[misc]  # its base is untyped
    @functions.signature({"types": ["string", "null"]})  # type: ignore[untyped-decorator]  # the same
    def _func_arn_name(self, arn: str | None) -> str | None:
        """What follows the last colon or slash: the name a person gave."""
        return arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1] if arn else None


_OPTIONS = jmespath.Options(custom_functions=_Functions())


@cache
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


def search(expression: str, value: Any) -> Any:
    return _compiled(expression).search(value, options=_OPTIONS)
