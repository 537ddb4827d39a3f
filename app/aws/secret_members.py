"""The members that hold secrets, or may, whether botocore says so or not.

Kept by hand from AWS's API references; the models mark only some of them.
"""

from collections.abc import Mapping

# In every service, in lower case.
EVERYWHERE = frozenset(
    {
        "accesstoken",
        "authenticationrequestextraparams",
        "authkey",
        "authparameters",
        "authtoken",
        "basicauthcredentials",
        "callbacktoken",
        "clientsecret",
        "connectionproperties",
        "connectionstringdetails",
        "constantinitializationvector",
        "containerenvironmentvariables",
        "customergatewayconfiguration",  # a VPN's pre-shared keys, as one XML text
        "dbpassword",
        "environmentoverride",
        "environmentvariables",
        "exportedenvironmentvariables",
        "grafanatoken",
        "hectoken",
        "initializationvector",
        "masteruserpassword",
        "oauthtoken",
        "password",
        "passwords",
        "personalpin",
        "precopassword",
        "presharedkey",
        "privatekey",
        "privatekeys",
        "refreshtoken",
        "runtimeenvironmentvariables",
        "secretaccesskey",
        "secretbinary",
        "secretkey",
        "secretstring",
        "secrettoken",
        "sessiontoken",
        "sharedsecret",
        "signedurl",
        "statickeyvalue",
        "tokenurlcustomproperties",
        "tokenurlparametersmap",
        "uploadpolicysignature",
        "userdata",
    }
)

# In one service, as they are spelled there.
BY_SERVICE: Mapping[str, frozenset[str]] = {
    "amp": frozenset({"data"}),
    "amplify": frozenset({"buildSpec", "customHeaders"}),
    "apigateway": frozenset(
        {"requestParameters", "requestTemplates", "value", "variables"}
    ),
    "apigatewayv2": frozenset(
        {"RequestParameters", "RequestTemplates", "StageVariables"}
    ),
    "appconfig": frozenset({"Content"}),
    "appflow": frozenset({"profileProperties"}),
    "appstream": frozenset({"ExecutableParameters", "LaunchParameters"}),
    "appsync": frozenset({"apiKeys"}),
    "athena": frozenset({"Parameters"}),
    "autoscaling": frozenset({"NotificationMetadata"}),
    "batch": frozenset(
        {"args", "command", "env", "environment", "options", "parameters"}
    ),
    "cloudformation": frozenset(
        {"OutputValue", "ParameterValue", "PreviousValue", "ResolvedValue", "Value"}
    ),
    "cloudfront": frozenset({"HeaderValue", "Value"}),
    "codebuild": frozenset({"buildspec", "environmentVariables", "secret"}),
    "codedeploy": frozenset({"content"}),
    "codepipeline": frozenset({"configuration"}),
    "config": frozenset({"InputParameters"}),
    "databrew": frozenset({"Parameters"}),
    "dataexchange": frozenset({"ApiKey"}),
    "datapipeline": frozenset({"stringValue", "values"}),
    "datasync": frozenset({"MountOptions"}),
    "devops-agent": frozenset({"customHeaders"}),
    "directconnect": frozenset({"customerRouterConfig"}),
    "dms": frozenset(
        {"AfterConnectScript", "CertificateWallet", "ExtraConnectionAttributes"}
    ),
    "ec2": frozenset({"TokenValue"}),
    "ecs": frozenset({"command", "environment", "environmentFiles", "options"}),
    "eks": frozenset({"activationCode", "token"}),
    "elasticbeanstalk": frozenset({"OptionSettings"}),
    "emr": frozenset({"Args", "Properties"}),
    "emr-containers": frozenset({"entryPointArguments", "properties"}),
    "emr-serverless": frozenset({"entryPointArguments", "properties"}),
    "events": frozenset(
        {
            "HeaderParameters",
            "Input",
            "PipelineParameterList",
            "QueryStringParameters",
            "Sql",
            "Sqls",
        }
    ),
    "firehose": frozenset({"CopyOptions"}),
    "gamelift": frozenset({"Command", "GameProperties", "ServerLaunchParameters"}),
    "glue": frozenset(
        {
            "Arguments",
            "AthenaProperties",
            "DefaultArguments",
            "DefaultRunProperties",
            "NonOverridableArguments",
            "PythonProperties",
            "SparkProperties",
        }
    ),
    "greengrassv2": frozenset({"configurationUpdate"}),
    "imagebuilder": frozenset({"data", "parameters", "userDataOverride"}),
    "iot": frozenset({"headers"}),
    "iotwireless": frozenset({"DeviceCertificates"}),
    "kafkaconnect": frozenset({"connectorConfiguration"}),
    "kinesisanalyticsv2": frozenset({"PropertyMap"}),
    "lambda": frozenset({"Command", "EntryPoint", "Variables"}),
    "lightsail": frozenset({"command", "environment", "privateKeyBase64"}),
    "logs": frozenset({"logSamples", "tokenString"}),
    "medialive": frozenset({"StreamName"}),
    "mediatailor": frozenset({"Body", "Headers"}),
    "mgn": frozenset({"parameters"}),
    "mwaa": frozenset({"AirflowConfigurationOptions"}),
    "osis": frozenset({"PipelineConfigurationBody"}),
    "pipes": frozenset({"HeaderParameters", "InputTemplate", "QueryStringParameters"}),
    "sagemaker": frozenset(
        {
            "ContainerArguments",
            "Content",
            "Environment",
            "HyperParameters",
            "StudioLifecycleConfigContent",
        }
    ),
    "scheduler": frozenset({"Input"}),
    "secretsmanager": frozenset({"ExternalSecretRotationMetadata"}),
    "securityagent": frozenset({"webhookUrl"}),
    "securityhub": frozenset(
        {
            "Command",
            "EntryPoint",
            "Environment",
            "Options",
            "StageVariables",
            "Variables",
        }
    ),
    "servicecatalog": frozenset({"OutputValue"}),
    "ssm": frozenset(
        {
            "Inputs",
            "Output",
            "Outputs",
            "Parameters",
            "TaskParameters",
            "Value",
        }
    ),
    "ssm-quicksetup": frozenset({"FirstClassParameters", "Parameters"}),
    "stepfunctions": frozenset({"definition", "input", "output"}),
    "support": frozenset({"body"}),
    "transfer": frozenset({"HostKeyBody", "SshPublicKeyBody"}),
    "workspaces": frozenset({"RegistrationCode"}),
}
