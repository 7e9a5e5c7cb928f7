/** Reads a SAM template like CloudFormation: parameters, conditions and references are resolved. */

import { readFileSync } from 'node:fs';
import { type CollectionTag, parse, type ScalarTag, type Tags } from 'yaml';
import { TEMPLATE_FUNCTIONS } from '../build/plain-template.ts';
import { apiRoutes, type ProxyRoute } from './api-definition.ts';
import { functionARN, tableARN } from './arns.ts';
import type { Statement } from './policy.ts';

export interface TemplateRoute {
  readonly method: string;
  /** `/apis/{group}/{proxy+}` */
  readonly path: string;
  readonly isStreaming: boolean;
}

export interface TemplateFunction {
  readonly name: string;
  /** `aggregator.handler`: the file in the function's build output, and its export. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  /** ARN. */
  readonly role: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly routes: readonly TemplateRoute[];
  /** Filter of the table's stream for the function: a record must match one of the patterns. */
  readonly streamPatterns: readonly EventPattern[];
  /** Settings of its event source mappings, in the form of Lambda's API. */
  readonly streamSettings: readonly object[];
}

/** A Web Function: one HTTP server for many requests. */
export interface TemplateWebFunction {
  readonly name: string;
  /** ARN. */
  readonly role: string;
  readonly timeoutSeconds: number;
  readonly maxConcurrency: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Amazon EventBridge's pattern, as far as templates here use it: a field must match one of the listed values. */
export interface EventPattern {
  readonly [field: string]: EventPattern | readonly ValuePattern[];
}

export type ValuePattern = string | { readonly 'anything-but': readonly string[] };

export interface TemplateRole {
  readonly arn: string;
  /** Trust policy: who may assume it. */
  readonly trust: readonly Statement[];
  /** Statements of all its policies. */
  readonly statements: readonly Statement[];
}

export interface Template {
  readonly functions: readonly TemplateFunction[];
  readonly webFunctions: readonly TemplateWebFunction[];
  /** Routes to addresses; that of a Web Function is `https://NAMEEndpoint.DomainName`. */
  readonly proxies: readonly ProxyRoute[];
  /** By logical name. */
  readonly roles: Readonly<Record<string, TemplateRole>>;
  /** Properties of the template's tables, by logical name, references resolved. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Values in Parameter Store, by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Assertions of the template's rules that the parameters violate: CloudFormation would reject them. */
  readonly objections: readonly string[];
  /** Stage in the gateway's own address; undefined: the API has a custom domain, without a stage. */
  readonly stage: string | undefined;
}

type Intrinsic = { readonly fn: string; readonly argument: unknown };
const isIntrinsic = (value: unknown): value is Intrinsic =>
  typeof value === 'object' && value !== null && 'fn' in value;

/** Parses short forms (`!Ref x`) to values that name the function. */
const tags: Tags = TEMPLATE_FUNCTIONS.flatMap((fn) => [
  { tag: `!${fn}`, resolve: (argument: string) => ({ fn, argument }) } satisfies ScalarTag,
  {
    tag: `!${fn}`,
    collection: 'seq',
    resolve: (seq) => ({ fn, argument: seq.toJSON() }),
  } satisfies CollectionTag,
]);

/** Alias by which functions are invoked: the emulator has a single version. */
export const ALIAS = 'live';

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': '000000000000',
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** By name, and two keys. */
type Mappings = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

class Resolver {
  readonly #parameters: ReadonlyMap<string, unknown>;
  readonly #conditions: Readonly<Record<string, unknown>>;
  readonly #mappings: Mappings;
  readonly #resources: Readonly<Record<string, Record<string, unknown>>>;

  constructor(parameters: ReadonlyMap<string, unknown>, document: Record<string, unknown>) {
    this.#parameters = parameters;
    this.#conditions = (document['Conditions'] ?? {}) as Record<string, unknown>;
    this.#mappings = (document['Mappings'] ?? {}) as Mappings;
    this.#resources = document['Resources'] as Record<string, Record<string, unknown>>;
  }

  /** Whether a resource is created. */
  holds(condition: string | undefined): boolean {
    return condition === undefined || this.#condition(this.#conditions[condition]);
  }

  objections(rules: Readonly<Record<string, Rule>>): string[] {
    return Object.values(rules)
      .filter(({ RuleCondition }) => RuleCondition === undefined || this.#condition(RuleCondition))
      .flatMap(({ Assertions }) => Assertions)
      .filter(({ Assert }) => !this.#condition(Assert))
      .map(({ AssertDescription }) => AssertDescription);
  }

  /** Undefined for `AWS::NoValue`: the property is left out. */
  resolve(value: unknown): unknown {
    if (isIntrinsic(value)) return this.#call(value);
    if (Array.isArray(value))
      return value.map((item) => this.resolve(item)).filter((item) => item !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, this.resolve(item)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  }

  #call({ fn, argument }: Intrinsic): unknown {
    switch (fn) {
      case 'Ref':
        return this.#reference(String(argument));
      case 'GetAtt':
        return this.#attribute(String(argument));
      case 'Sub':
        return this.#substitute(argument);
      case 'FindInMap': {
        const [map, first, second] = (argument as unknown[]).map((key) => String(this.resolve(key)));
        return this.#mappings[map!]![first!]![second!];
      }
      case 'Split': {
        const [separator, text] = (argument as unknown[]).map((part) => String(this.resolve(part)));
        return text!.split(separator!);
      }
      case 'If': {
        const [condition, yes, no] = argument as [string, unknown, unknown];
        return this.resolve(this.#condition(this.#conditions[condition]) ? yes : no);
      }
      default:
        throw new Error(`!${fn} can't stand here`);
    }
  }

  /** `argument`: a text, or a list of a text and local variables. */
  #substitute(argument: unknown): string {
    const [text, values] = (Array.isArray(argument) ? argument : [argument, {}]) as [
      string,
      Readonly<Record<string, unknown>>,
    ];
    return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      // A variable of another language, such as IAM's.
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      return String(Object.hasOwn(values, name) ? this.resolve(values[name]) : this.#reference(name));
    });
  }

  /** `Name.Attribute` */
  #attribute(of: string): string {
    const [name = '', attribute = ''] = of.split('.');
    const { Type, Properties } = this.#resources[name] ?? {};
    if (Type === 'AWS::Serverless::Function' && attribute === 'Arn') return functionARN(name);
    if (Type !== 'AWS::DynamoDB::Table') return `arn:aws:local:::${of}`;
    const table = tableARN(String(this.resolve((Properties as Record<string, unknown>)['TableName'])));
    // The label of a stream is unknown until it exists.
    return attribute === 'StreamArn' ? `${table}/stream/*` : table;
  }

  #reference(name: string): unknown {
    if (name === 'AWS::NoValue') return undefined;
    if (name.endsWith('.DomainName')) return name;
    if (name.endsWith('.Alias')) return `${this.#attribute(name.replace('.Alias', '.Arn'))}:${ALIAS}`;
    if (name.endsWith('.Arn')) return this.#attribute(name);
    if (Object.hasOwn(PSEUDO_PARAMETERS, name)) return PSEUDO_PARAMETERS[name];
    if (this.#parameters.has(name)) return this.#parameters.get(name);
    const resource = this.#resources[name];
    if (resource === undefined) throw new Error(`the template refers to ${name}, which it does not define`);
    const properties = (resource['Properties'] ?? {}) as Record<string, unknown>;
    const physical = properties['TableName'] ?? properties['LogGroupName'];
    return physical === undefined ? name : this.resolve(physical);
  }

  #condition(value: unknown): boolean {
    if (!isIntrinsic(value)) throw new Error('a condition must be a function');
    const list = value.argument as unknown[];
    switch (value.fn) {
      case 'Condition':
        return this.#condition(this.#conditions[String(value.argument)]);
      case 'Not':
        return !this.#condition(list[0]);
      case 'Equals':
        return this.resolve(list[0]) === this.resolve(list[1]);
      case 'And':
        return list.every((item) => this.#condition(item));
      case 'Or':
        return list.some((item) => this.#condition(item));
      default:
        throw new Error(`!${value.fn} is no condition`);
    }
  }
}

interface Rule {
  readonly RuleCondition?: unknown;
  readonly Assertions: readonly { readonly Assert: unknown; readonly AssertDescription: string }[];
}

interface PolicyDocument {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

interface Role {
  readonly AssumeRolePolicyDocument: { readonly Statement: readonly Statement[] };
  readonly Policies?: readonly PolicyDocument[];
}

interface SamWebFunction {
  readonly ExecutionRoleArn: string;
  readonly Timeout?: number;
  readonly MaxConcurrencyPerEnvironment?: number;
  readonly EnvironmentVariables?: Readonly<Record<string, string>>;
}

interface SamFunction {
  readonly Handler: string;
  readonly Role?: string;
  readonly Timeout?: number;
  readonly Environment?: { readonly Variables: Record<string, unknown> };
  readonly Events?: Record<
    string,
    {
      Type: string;
      Properties: {
        Path: string;
        Method: string;
        ResponseTransferMode?: string;
        FilterCriteria?: { readonly Filters: readonly { readonly Pattern: string }[] };
        Stream?: string;
        DestinationConfig?: { readonly OnFailure: { readonly Destination: string } };
      };
    }
  >;
}

/**
 * Absent `parameters` take the template's defaults. Throws if a parameter has neither a value nor a default, or is not
 * declared.
 */
export function readTemplate(path: string, parameters: Readonly<Record<string, unknown>>): Template {
  const document = parse(readFileSync(path, 'utf8'), { customTags: tags }) as Record<string, unknown>;
  const declared = document['Parameters'] as Record<string, { Default?: unknown }>;
  const unknown = Object.keys(parameters).find((name) => !Object.hasOwn(declared, name));
  if (unknown !== undefined) throw new Error(`the template has no parameter ${unknown}`);
  const values = new Map(
    Object.entries(declared).map(([name, { Default }]) => {
      const value = parameters[name] ?? Default;
      if (value === undefined) throw new Error(`the template needs a value for parameter ${name}`);
      return [name, value];
    }),
  );
  const resolver = new Resolver(values, document);
  const globals = resolver.resolve(
    (document['Globals'] as { Function?: unknown })?.Function ?? {},
  ) as Partial<SamFunction>;
  const functions: TemplateFunction[] = [];
  const tables: Record<string, Record<string, unknown>> = {};
  const ssmParameters: Record<string, string> = {};
  const roles: Record<string, TemplateRole> = {};
  const policies: (PolicyDocument & { readonly Roles: readonly string[] })[] = [];
  const webFunctions: TemplateWebFunction[] = [];
  let stage: string | undefined;
  let routes = apiRoutes(undefined);
  let hasDomain = false;
  for (const [name, resource] of Object.entries(
    document['Resources'] as Record<string, { Type: string; Condition?: string; Properties: unknown }>,
  )) {
    if (!resolver.holds(resource.Condition)) continue;
    if (resource.Type === 'AWS::ApiGateway::BasePathMapping') hasDomain = true;
    if (resource.Type === 'AWS::DynamoDB::Table')
      tables[name] = resolver.resolve(resource.Properties) as Record<string, unknown>;
    if (resource.Type === 'AWS::IAM::Role') {
      const role = resolver.resolve(resource.Properties) as Role;
      roles[name] = {
        arn: `arn:aws:local:::${name}.Arn`,
        trust: role.AssumeRolePolicyDocument.Statement,
        statements: (role.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
      };
    }
    if (resource.Type === 'AWS::IAM::Policy')
      policies.push(resolver.resolve(resource.Properties) as (typeof policies)[number]);
    if (resource.Type === 'AWS::SSM::Parameter') {
      const { Name, Value } = resolver.resolve(resource.Properties) as { Name: string; Value: string };
      ssmParameters[Name] = Value;
    }
    if (resource.Type === 'AWS::Serverless::Api') {
      const api = resolver.resolve(resource.Properties) as { StageName: string; DefinitionBody?: unknown };
      stage = api.StageName;
      routes = apiRoutes(api.DefinitionBody);
    }
    if (resource.Type === 'AWS::Serverless::WebFunction') {
      const own = resolver.resolve(resource.Properties) as SamWebFunction;
      webFunctions.push({
        name,
        role: own.ExecutionRoleArn,
        timeoutSeconds: own.Timeout ?? 30,
        maxConcurrency: own.MaxConcurrencyPerEnvironment ?? 64,
        environment: own.EnvironmentVariables ?? {},
      });
    }
    if (resource.Type === 'AWS::Serverless::Function') {
      functions.push(toFunction(name, globals, resolver.resolve(resource.Properties) as SamFunction));
    }
  }
  for (const { Roles, PolicyDocument } of policies) {
    for (const name of Roles) {
      const role = roles[name]!;
      roles[name] = { ...role, statements: [...role.statements, ...PolicyDocument.Statement] };
    }
  }
  return {
    functions: functions.map((fn) => ({
      ...fn,
      routes: [...fn.routes, ...(routes.functions.get(fn.name) ?? [])],
    })),
    webFunctions,
    proxies: routes.proxies,
    roles,
    tables,
    parameters: ssmParameters,
    objections: resolver.objections((document['Rules'] ?? {}) as Record<string, Rule>),
    stage: hasDomain ? undefined : stage,
  };
}

function toFunction(name: string, globals: Partial<SamFunction>, own: SamFunction): TemplateFunction {
  const streams = Object.values(own.Events ?? {}).filter(({ Type }) => Type === 'DynamoDB');
  const variables = { ...globals.Environment?.Variables, ...own.Environment?.Variables };
  return {
    name,
    handler: own.Handler,
    role: own.Role ?? '',
    timeoutSeconds: own.Timeout ?? globals.Timeout ?? 3,
    environment: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)])),
    streamSettings: streams.map(({ Properties: { Stream: _, DestinationConfig, ...settings } }) => ({
      ...settings,
      ...(DestinationConfig && {
        DestinationConfig: { OnFailure: { Destination: DestinationConfig.OnFailure.Destination } },
      }),
    })),
    streamPatterns: streams
      .flatMap(({ Properties }) => Properties.FilterCriteria?.Filters ?? [{ Pattern: '{}' }])
      .map(({ Pattern }) => JSON.parse(Pattern) as EventPattern),
    routes: Object.values(own.Events ?? {})
      .filter(({ Type }) => Type === 'Api')
      .map(({ Properties }) => ({
        method: Properties.Method.toUpperCase(),
        path: Properties.Path,
        isStreaming: Properties.ResponseTransferMode === 'RESPONSE_STREAM',
      })),
  };
}
