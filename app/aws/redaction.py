"""Masks what an inventory must not keep: botocore's sensitive members, a hand-kept
list of members that hold secrets all the same, and secrets in tags."""

import re
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

MASK = "[redacted]"

# Members masked in every service, compared in lower case.
_EVERYWHERE = frozenset(
    {
        "accesstoken",
        "authkey",
        "authparameters",
        "authtoken",
        "basicauthcredentials",
        "clientsecret",
        "connectionproperties",
        "customergatewayconfiguration",  # a VPN's pre-shared keys, as one XML text
        "dbpassword",
        "environmentvariables",
        "masteruserpassword",
        "masterpassword",
        "oauthtoken",
        "password",
        "passwords",
        "presharedkey",
        "privatekey",
        "refreshtoken",
        "runtimeenvironmentvariables",
        "secretaccesskey",
        "secretbinary",
        "secretkey",
        "secretstring",
        "sessiontoken",
        "sharedsecret",
        "userdata",
    }
)

# Members masked in one service, as they are spelled there.
_BY_SERVICE: dict[str, frozenset[str]] = {
    "amplify": frozenset({"buildSpec"}),
    "apigateway": frozenset({"variables", "value"}),
    "apigatewayv2": frozenset({"StageVariables"}),
    "appconfig": frozenset({"Content"}),
    "appsync": frozenset({"apiKeys"}),
    "athena": frozenset({"Parameters"}),
    "autoscaling": frozenset({"NotificationMetadata"}),
    "batch": frozenset({"environment", "parameters"}),
    "cloudformation": frozenset(
        {
            "OutputValue",
            "ParameterValue",
            "ResolvedValue",
            "PreviousValue",
        }
    ),
    "cloudfront": frozenset({"HeaderValue"}),
    "codebuild": frozenset({"buildspec", "environmentVariables"}),
    "codepipeline": frozenset({"configuration"}),
    "databrew": frozenset({"Parameters"}),
    "datapipeline": frozenset({"stringValue", "values"}),
    "datasync": frozenset({"MountOptions"}),
    "dms": frozenset({"ExtraConnectionAttributes"}),
    "ecs": frozenset({"environment", "environmentFiles"}),
    "elasticbeanstalk": frozenset({"OptionSettings"}),
    "emr": frozenset({"Properties", "Args"}),
    "emr-containers": frozenset({"properties"}),
    "emr-serverless": frozenset({"properties"}),
    "events": frozenset({"Input", "HeaderParameters", "QueryStringParameters"}),
    "gamelift": frozenset({"GameProperties", "LaunchParameters"}),
    "glue": frozenset(
        {
            "Arguments",
            "DefaultArguments",
            "NonOverridableArguments",
            "DefaultRunProperties",
        }
    ),
    "greengrassv2": frozenset({"configurationUpdate"}),
    "imagebuilder": frozenset({"data", "userDataOverride"}),
    "iot": frozenset({"httpHeaders"}),
    "kafkaconnect": frozenset({"connectorConfiguration"}),
    "kinesisanalyticsv2": frozenset({"PropertyMap"}),
    "lambda": frozenset({"Variables"}),
    "lightsail": frozenset({"environment", "privateKeyBase64"}),
    "mwaa": frozenset({"AirflowConfigurationOptions"}),
    "opsworks": frozenset({"CustomJson", "Environment"}),
    "pipes": frozenset({"InputTemplate", "HeaderParameters", "QueryStringParameters"}),
    "sagemaker": frozenset({"Environment", "HyperParameters", "Content"}),
    "scheduler": frozenset({"Input"}),
    "servicecatalog": frozenset({"OutputValue", "ParameterValue"}),
    "ssm": frozenset({"Parameters", "TaskParameters", "Value", "InputPayload"}),
    "stepfunctions": frozenset({"input", "output", "definition"}),
    "transfer": frozenset({"HostKeyBody", "SshPublicKeyBody"}),
}

# In a pair of name and value, only these say which one it is.
_NAMES = frozenset(
    {
        "name",
        "key",
        "type",
        "parameterkey",
        "outputkey",
        "optionname",
        "namespace",
        "resourcename",
    }
)
_TAG_MEMBERS = frozenset({"tags", "tagset", "taglist", "resourcetags", "tagsmap"})
# AWS allows 256 characters; what is far over it is no tag, and not worth the reading.
_TAG_LIMIT = 8192
_SECRET_NAME = re.compile(
    r"passw|pwd|passphrase|secret|token|api.?key|private.?key|access.?key|credential"
    r"|connection.?string|\bdsn\b|\bauth\b",
    re.IGNORECASE,
)
# Shapes of secrets in running text. Every run is bounded, so reading is linear.
_SECRET_TEXT = re.compile(
    r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9/+=%]{16,8192}"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}"
    r"|glpat-[A-Za-z0-9_-]{16,64}|npm_[A-Za-z0-9]{30,64}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,255}"
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,255}|(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20,255}"
    r"|AIza[A-Za-z0-9_-]{35}|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{0,1024}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s]{0,8192}"
    r"|(?<=://)[^\s:/@]{1,128}:[^\s/@]{1,256}(?=@)"
    r"|(?<=[Pp]assword=)[^\s;&,\"']{1,256}|(?<=PASSWORD=)[^\s;&,\"']{1,256}"
    r"|(?<=[Ss]ecurity-[Tt]oken:)[^\s]{1,8192}"
    r"|(?<=X-Amz-Security-Token=)[^\s&]{1,8192}"
)
# An AWS secret key has 40 characters; a git commit has too, in hexadecimal, and so
# have some of AWS's names, all letters.
_SECRET_KEY = re.compile(
    r"(?<![A-Za-z0-9/+=])(?![0-9a-f]{40})(?![A-Za-z]{40})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
)


def mask_secrets(text: str) -> str:
    """The text with everything that has the shape of a secret masked."""
    return _SECRET_KEY.sub(MASK, _SECRET_TEXT.sub(MASK, text))


def redact(
    document: Any, *, service: str, operation: str, shape: Shape | None = None
) -> Any:
    """A copy of `document` with its secrets replaced by "[redacted]".

    `shape` is botocore's shape of `document`; without it only the hand-kept list and
    the tags' filter apply. Names and structure stay: who reads the inventory sees that
    a variable exists, not what it holds.
    """
    return _Redaction(service, operation).of(document, shape)


class _Redaction:
    def __init__(self, service: str, operation: str) -> None:
        self._members = _BY_SERVICE.get(service, frozenset())
        # `value` holds a secret in one answer of API Gateway only.
        if service == "apigateway" and not operation.startswith("GetApiKey"):
            self._members -= {"value"}

    def of(self, value: Any, shape: Shape | None) -> Any:
        if shape is not None and shape.metadata.get("sensitive"):
            return mask(value)
        if isinstance(value, Mapping):
            return {
                name: self._member(name, one, _member_shape(shape, name))
                for name, one in value.items()
            }
        if isinstance(value, list):
            item = shape.member if isinstance(shape, ListShape) else None
            return [self.of(one, item) for one in value]
        return value

    def _member(self, name: str, value: Any, shape: Shape | None) -> Any:
        lower = name.lower()
        if lower in _EVERYWHERE or name in self._members:
            return mask(value)
        if lower in _TAG_MEMBERS:
            return _tags(value)
        return self.of(value, shape)


def _member_shape(shape: Shape | None, name: str) -> Shape | None:
    if isinstance(shape, StructureShape):
        return shape.members.get(name)
    return shape.value if isinstance(shape, MapShape) else None


def mask(value: Any) -> Any:
    """Every value below masked; member names, list lengths and None stay."""
    if isinstance(value, Mapping):
        return {name: mask(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_mask_item(one) for one in value]
    return value if value is None else MASK


def _mask_item(value: Any) -> Any:
    """In a list, `{name, value}` keeps its name; in a map, a name is no exception."""
    if isinstance(value, Mapping) and any("value" in name.lower() for name in value):
        return {
            name: one if name.lower() in _NAMES else mask(one)
            for name, one in value.items()
        }
    return mask(value)


def _tags(value: Any) -> Any:
    """Tags as a map, as a list of pairs, or as whatever a service made of them."""
    if isinstance(value, list):
        return [_tags(one) for one in value]
    if not isinstance(value, Mapping):
        return mask_secrets(value) if isinstance(value, str) else value
    pair = {name.lower(): name for name in value}
    if "key" in pair and "value" in pair:
        text = value[pair["value"]]
        return {**value, pair["value"]: _tag(str(value[pair["key"]]), text)}
    return {name: _tag(name, text) for name, text in value.items()}


def _tag(name: str, text: Any) -> Any:
    if not isinstance(text, str):
        return _tags(text)
    if len(text) > _TAG_LIMIT:
        return MASK
    return MASK if text and _SECRET_NAME.search(name) else mask_secrets(text)
