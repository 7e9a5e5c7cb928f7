"""Deploys the templates as far as possible without AWS, for combinations of the parameters that conditions depend on.

    check-template.py TEMPLATE...

cfn-lint checks the template itself. Combinations that cover every three parameters, given and not, are passed through
the real SAM transform, whose output must satisfy the rules of release_rules.py. For combinations that cover every
single parameter cfn-lint checks the output as well; it evaluates both branches of each condition itself. Combinations
that cover every pair are deployed to moto's CloudFormation, where the stack must have exactly the resources whose
conditions hold. Needs the packages of requirements-check.txt, and no network.
"""

import copy
import functools
import io
import itertools
import json
import os
import sys
import zipfile

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    SAM_CLI_TELEMETRY="0",
)

import boto3
import release_rules
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from moto import mock_aws
from samtranslator.parser.parser import Parser
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

BUCKET = "packages"
REGION = "us-east-1"

# Values for "given", by parameter, or by parameter and default; other parameters that a rule requires with it are given
# too.
GIVEN = {
    "AlarmEmail": "on-call@example.com",
    "AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:on-call",
    "DomainName": "acme.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
    "VpcEndpointIds": "vpce-0123456789abcdef0,vpce-0123456789abcdef1",
    "TruststoreUri": "s3://packages/truststore.pem",
    "MaxConcurrency": "5",
    "WebAclArn": "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/acme/00000000-0000-0000-0000-000000000000",
    "AllowAddresses": "10.0.0.0/8",
    "HostBucket": "packages",
    "HostUrl": "https://host.example.com",
    "HostSecret": "0123456789abcdefghij",
    "CopyVaultArn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:far",
    "LockedDays": "7",
    "DeploymentType": {"AllAtOnce": "Canary10Percent5Minutes", "Canary10Percent5Minutes": "AllAtOnce"},
    "TableName": "zeroplane-acme-restored",
    "TableStream": "2026-01-01T00:00:00.000",
    "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000",
}
NEEDS = {
    "DomainName": ["CertificateArn"],
    "HostBucket": ["HostSecret"],
    "HostUrl": ["HostSecret"],
    "TableName": ["TableStream"],
}
ALWAYS = {"Tenant": "acme", "AdminArns": "arn:aws:iam::123456789012:role/Admin"}

# Findings in the transform's own output: it writes more dependencies of a Web Function than are needed.
OF_THE_TRANSFORM = ["W3005"]

# Resources that moto doesn't support, removed before a stack is created. Its deployments see the API's `Body` as empty.
UNKNOWN_TO_MOTO = {
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::Stage",
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupSelection",
    "AWS::Backup::BackupVault",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
    "AWS::Lambda::WebFunction",
    "AWS::Lambda::WebFunctionEndpoint",
    "AWS::Lambda::WebFunctionRevision",
    "AWS::Scheduler::Schedule",
    "AWS::WAFv2::WebACLAssociation",
    "Custom::Bootstrap",
}


def intrinsics(value, name):
    """The arguments of all functions `name` in a value."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == name:
                yield item
            yield from intrinsics(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from intrinsics(item, name)


def evaluate(value, template, parameters):
    """The value of a condition or a rule's assertion."""
    if not isinstance(value, dict):
        return value
    ((function, argument),) = value.items()
    if function == "Ref":
        return parameters[argument]
    if function == "Condition":
        return evaluate(template["Conditions"][argument], template, parameters)
    values = [evaluate(item, template, parameters) for item in argument]
    return {
        "Fn::FindInMap": lambda: template["Mappings"][values[0]][values[1]][values[2]],
        "Fn::Equals": lambda: str(values[0]) == str(values[1]),
        "Fn::Not": lambda: not values[0],
        "Fn::And": lambda: all(values),
        "Fn::Or": lambda: any(values),
    }[function]()


def broken_rules(template, parameters):
    for name, rule in template.get("Rules", {}).items():
        if not evaluate(rule.get("RuleCondition", True), template, parameters):
            continue
        if not all(evaluate(each["Assert"], template, parameters) for each in rule["Assertions"]):
            yield name


def given_value(name, defaults):
    value = GIVEN[name]
    return value[defaults[name]] if isinstance(value, dict) else value


def combinations(template):
    """All combinations of parameters that conditions depend on, given and not, except those that a rule refuses."""
    declared = template["Parameters"]
    defaults = {name: str(each["Default"]) for name, each in declared.items() if "Default" in each}
    read = sorted(set(intrinsics(template.get("Conditions", {}), "Ref")) - set(ALWAYS))
    for chosen in itertools.product([False, True], repeat=len(read)):
        given = {name: given_value(name, defaults) for name, is_given in zip(read, chosen) if is_given}
        for name in list(given):
            given |= {needed: GIVEN[needed] for needed in NEEDS.get(name, []) if needed in declared}
        always = {name: value for name, value in ALWAYS.items() if name in declared}
        parameters = {**defaults, **always, **given}
        if not list(broken_rules(template, parameters)):
            yield given, parameters


def states(given, names, size):
    """All sets of `size` parameters (or of all, if there are fewer), with whether each is given."""
    sets = itertools.combinations(names, min(size, len(names)))
    return {tuple((name, name in given) for name in each) for each in sets}


def covering(chosen, size):
    """A small subset of the combinations that covers all states of every `size` parameters."""
    names = sorted({name for given, _ in chosen for name in given})
    left = [(each, states(each[0], names, size)) for each in chosen]
    missing = set().union(*(has for _, has in left))
    while missing:
        best = max(left, key=lambda each: len(each[1] & missing))
        left.remove(best)
        missing -= best[1]
        yield best[0]


@functools.cache
def lint_problems(text):
    """Cached, since most parameters don't affect the transform's output."""
    matches = lint(text, config=ManualArgs(regions=[REGION], ignore_checks=OF_THE_TRANSFORM))
    return [f"{each.rule.id} {each.message}" for each in matches if each.rule.severity != "informational"]


def packaged(text):
    """The output of `sam package`: code in S3."""
    template = yaml_parse(text)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://{BUCKET}/code.zip"
            resource.pop("Metadata", None)
    return template


def unaliased(value, functions):
    """Replaces ARNs of aliases by those of their functions."""
    if isinstance(value, list):
        return [unaliased(item, functions) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("Ref") in functions:
        return functions[value["Ref"]]
    return {key: unaliased(item, functions) for key, item in value.items()}


def without(template, types):
    """The template without resources of some types, and without an API's routes, which may refer to them."""
    aliases = release_rules.of_type(template, "AWS::Lambda::Alias")
    template = unaliased(
        template,
        {
            name: {"Fn::GetAtt": [each["Properties"]["FunctionName"]["Ref"], "Arn"]}
            for name, each in aliases.items()
        },
    )
    resources = {name: each for name, each in template["Resources"].items() if each["Type"] not in types}
    for name, each in resources.items():
        if each["Type"] == "AWS::ApiGateway::RestApi":
            resources[name] = {**each, "Properties": {**each["Properties"], "Body": {}}}
    return {**template, "Resources": resources}


def create_package():
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.mjs", "")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="code.zip", Body=code.getvalue())
    s3.put_object(Bucket=BUCKET, Key="truststore.pem", Body=b"")
    return s3


def create_table(name):
    """Returns the label of its stream."""
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    made = boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        KeySchema=[{"AttributeName": key, "KeyType": type} for key, type in keys],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return made["TableDescription"]["LatestStreamLabel"]


@mock_aws
def create_stack(template, parameters):
    """Returns the logical names of the stack's resources, or raises."""
    s3 = create_package()
    if parameters.get("TableName"):
        parameters = {**parameters, "TableStream": create_table(parameters["TableName"])}
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(template))
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(
        StackName="stack",
        TemplateURL=f"https://s3.amazonaws.com/{BUCKET}/template.json",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    (stack,) = cloudformation.describe_stacks(StackName="stack")["Stacks"]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise RuntimeError(f"{stack['StackStatus']}: {stack.get('StackStatusReason')}")
    resources = cloudformation.describe_stack_resources(StackName="stack")["StackResources"]
    # moto lists resources excluded by a condition without a name.
    return {each["LogicalResourceId"] for each in resources if "LogicalResourceId" in each}


def check(path):
    """Prints failures; returns the numbers of combinations, of those that were deployed, and of failures."""
    with open(path) as file:
        text = file.read()
    failed = int(bool(lint_problems(text)))
    for problem in lint_problems(text):
        print(f"{path}: {problem}")
    template = packaged(text)
    every = list(combinations(template))
    singles, pairs, threes = (list(covering(every, size)) for size in (1, 2, 3))
    chosen = [each for each in every if each in singles or each in pairs or each in threes]
    for given, parameters in chosen:
        problems = []
        try:
            output = transform(copy.deepcopy(template), dict(parameters), None, None, Parser())
        except Exception as error:
            problems.append(str(getattr(error, "causes", None) and [str(c.message) for c in error.causes] or error))
            output = None
        if output is not None:
            is_made = lambda each: "Condition" not in each or evaluate(
                output["Conditions"][each["Condition"]], output, parameters
            )
            problems += release_rules.problems(output, is_made)
        if output is not None and (given, parameters) in singles:
            problems += lint_problems(json.dumps(output))
        if output is not None and (given, parameters) in pairs:
            possible = without(output, UNKNOWN_TO_MOTO)
            expected = {name for name, each in possible["Resources"].items() if is_made(each)}
            try:
                made = create_stack(possible, parameters) if expected else set()
                if made != expected:
                    problems.append(f"missing {sorted(expected - made)}, too many {sorted(made - expected)}")
            except Exception as error:
                problems.append(f"{type(error).__name__}: {error}")
        failed += bool(problems)
        for problem in problems:
            print(f"{path} with {sorted(given) or 'defaults'}: {problem}")
    return len(every), len(chosen), len(pairs), failed


def main(paths):
    results = {path: check(path) for path in paths}
    for path, (every, chosen, pairs, failed) in results.items():
        print(f"{path}: {chosen} of {every} combinations of parameters, {pairs} of them to the end, {failed} failed")
    return 1 if any(failed or not pairs for _, _, pairs, failed in results.values()) else 0


sys.exit(main(sys.argv[1:]))
