/**
 * The OpenAPI 2 document of the whole API. The contribution of each part is encoded once and cached until the part
 * changes.
 */

import { appendAll } from '../../util/append-all.ts';
import { breathe } from '../../util/breathe.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { definitionNames } from './definition-closure.ts';
import type { DefinitionSchemas } from './definition-schemas.ts';
import { INFO } from './document-texts.ts';
import { encodeMembersV2, encodeOpenAPIV2, encodeSectionStart } from './gnostic/openapi-v2.ts';
import { additionsTo, type KnownSwagger } from './merge-swagger.ts';
import type { ClaimRoom, OpenAPIFormat, Pieces } from './openapi-document.ts';
import type { OpenAPIModel, OpenAPISchema, Swagger } from './openapi-model.ts';
import { swaggerFragment } from './swagger-fragment.ts';

type Section = keyof Swagger;

const SECTIONS: readonly Section[] = ['definitions', 'paths', 'parameters'];
const FRAME = {
  info: INFO,
  security: [{ BearerToken: [] }],
  securityDefinitions: {
    BearerToken: {
      description: 'Bearer Token authentication',
      in: 'header',
      name: 'authorization',
      type: 'apiKey',
    },
  },
  swagger: '2.0',
};

const utf8 = new TextEncoder();
const COMMA = utf8.encode(',');

/** Encodes members so that several pieces can be joined into one section. */
function encodeMembers(format: OpenAPIFormat, section: Section, members: object): Uint8Array {
  return format === 'json'
    ? utf8.encode(stringifyJSON(members).slice(1, -1))
    : encodeMembersV2(section, members);
}

/** The contribution of one part. */
interface Fragment {
  readonly paths: Uint8Array;
  readonly definitions: Uint8Array;
  /** May overlap with those of other parts. */
  readonly parameters: Swagger['parameters'];
}

/** Caches the value of the last key. */
class Latest<Value> {
  #key: string | undefined;
  #value: Value | undefined;

  get(key: string, make: () => Value): Value {
    if (this.#value === undefined || this.#key !== key) {
      this.#value = make();
      this.#key = key;
    }
    return this.#value;
  }
}

export class SwaggerEncoder {
  readonly #format: OpenAPIFormat;
  readonly #builtin: DefinitionSchemas;
  readonly #fragments = new WeakMap<OpenAPIModel, Fragment>();
  readonly #names = new WeakMap<OpenAPIModel, readonly string[]>();
  #builtinFragments: readonly Fragment[] = [];
  #builtinPaths: Uint8Array = new Uint8Array();
  readonly #definitions = new Latest<Uint8Array>();
  readonly #parameters = new Latest<Uint8Array>();
  readonly #added = new WeakMap<Swagger, Latest<Readonly<Record<Section, Uint8Array>>>>();

  constructor(format: OpenAPIFormat, builtin: DefinitionSchemas) {
    this.#format = format;
    this.#builtin = builtin;
  }

  /** Generates and caches a model's contribution, the expensive part of `encode`. Rejects with what `claim` throws. */
  async prepare(model: OpenAPIModel, claim: ClaimRoom): Promise<void> {
    if (!this.#fragments.has(model)) this.#fragments.set(model, await this.#newFragment(model, claim));
  }

  /** Encodes the document of this server's models, which must be prepared, and of other servers' documents. */
  encode(models: readonly OpenAPIModel[], others: readonly Swagger[] = []): Pieces {
    const fragments = models.map((model) => this.#fragments.get(model)!);
    const parameters = sortMembers(
      Object.fromEntries(fragments.flatMap((each) => Object.entries(each.parameters))),
    );
    const names = new Set(models.flatMap((model) => this.#tableNames(model)));
    const sections: Record<Section, Uint8Array[]> = {
      definitions: [this.#tableDefinitions(names), ...fragments.map(({ definitions }) => definitions)],
      paths: [
        this.#joined(fragments.filter((_, index) => models[index]!.definitions === undefined)),
        ...fragments.filter((_, index) => models[index]!.definitions !== undefined).map(({ paths }) => paths),
      ],
      parameters: [
        this.#parameters.get(Object.keys(parameters).join(), () =>
          encodeMembers(this.#format, 'parameters', parameters),
        ),
      ],
    };
    if (others.length > 0) {
      const known = new KnownMembers({ models, names, parameters, builtin: this.#builtin });
      for (const swagger of others) {
        const additions = additionsTo(known, swagger);
        known.add(additions);
        for (const section of SECTIONS) sections[section].push(this.#addition(swagger, additions)[section]);
      }
    }
    return this.#format === 'json' ? frameJSON(sections) : frameProtobuf(sections);
  }

  /** Encodes member by member, since a part's paths as values take many times their bytes. */
  async #newFragment(model: OpenAPIModel, claim: ClaimRoom): Promise<Fragment> {
    const { members, parameters } = swaggerFragment(model);
    const pieces: Record<'paths' | 'definitions', Uint8Array[]> = { paths: [], definitions: [] };
    for (const { section, name, value } of members) {
      pieces[section].push(encodeMembers(this.#format, section, { [name]: value }));
      const pause = breathe();
      if (pause !== undefined) {
        claim(0);
        await pause;
      }
    }
    const joined = (section: 'paths' | 'definitions') =>
      Buffer.concat(joinMembers(this.#format, pieces[section]));
    claim(0);
    return { paths: joined('paths'), definitions: joined('definitions'), parameters };
  }

  /** The paths of built-in parts, which rarely change, as one piece, which compresses better. */
  #joined(fragments: readonly Fragment[]): Uint8Array {
    const isSame =
      fragments.length === this.#builtinFragments.length &&
      fragments.every((fragment, index) => fragment === this.#builtinFragments[index]);
    if (!isSame) {
      this.#builtinFragments = fragments;
      this.#builtinPaths = Buffer.concat(
        joinMembers(
          this.#format,
          fragments.map(({ paths }) => paths),
        ),
      );
    }
    return this.#builtinPaths;
  }

  #tableNames(model: OpenAPIModel): readonly string[] {
    let names = this.#names.get(model);
    if (names === undefined) {
      names = [...definitionNames([model], this.#builtin)].filter((name) => !model.definitions?.has(name));
      this.#names.set(model, names);
    }
    return names;
  }

  #tableDefinitions(names: ReadonlySet<string>): Uint8Array {
    const sorted = [...names].sort();
    return this.#definitions.get(sorted.join(), () => {
      const definitions = sorted.map((name) => [name, this.#builtin.schema(name, 2)]);
      return encodeMembers(this.#format, 'definitions', Object.fromEntries(definitions));
    });
  }

  /** Returns the encoded additions, cached by the names of their members. */
  #addition(swagger: Swagger, additions: Swagger): Readonly<Record<Section, Uint8Array>> {
    let latest = this.#added.get(swagger);
    if (latest === undefined) {
      latest = new Latest();
      this.#added.set(swagger, latest);
    }
    const key = JSON.stringify(SECTIONS.map((section) => Object.keys(additions[section])));
    return latest.get(key, () => {
      const encode = (section: Section): Uint8Array =>
        encodeMembers(this.#format, section, additions[section]);
      return {
        definitions: encode('definitions'),
        paths: encode('paths'),
        parameters: encode('parameters'),
      };
    });
  }
}

function sortMembers(members: Swagger['parameters']): Swagger['parameters'] {
  return Object.fromEntries(Object.entries(members).sort(([left], [right]) => (left < right ? -1 : 1)));
}

interface LocalMembers {
  readonly models: readonly OpenAPIModel[];
  /** Definitions from type tables. */
  readonly names: ReadonlySet<string>;
  readonly parameters: Swagger['parameters'];
  readonly builtin: DefinitionSchemas;
}

/** The members of the models and of everything added so far. */
class KnownMembers implements KnownSwagger {
  readonly #local: LocalMembers;
  readonly #added: Swagger[] = [];

  constructor(local: LocalMembers) {
    this.#local = local;
  }

  add(swagger: Swagger): void {
    this.#added.push(swagger);
  }

  member(section: Section, name: string): OpenAPISchema | undefined {
    const local = this.#ofModels(section, name);
    if (local !== undefined) return local;
    return this.#added.find((swagger) => Object.hasOwn(swagger[section], name))?.[section][name];
  }

  #ofModels(section: Section, name: string): OpenAPISchema | undefined {
    const { models, names, parameters, builtin } = this.#local;
    if (section === 'parameters') return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (section === 'paths') return models.some(({ paths }) => paths.has(name)) ? {} : undefined;
    if (names.has(name)) return builtin.schema(name, 2);
    return models
      .find(({ definitions }) => definitions?.has(name))
      ?.definitions?.get(name)
      ?.schema(2);
  }
}

function frameJSON(sections: Readonly<Record<Section, readonly Uint8Array[]>>): Pieces {
  const pieces: Uint8Array[] = [];
  for (const section of SECTIONS) {
    pieces.push(utf8.encode(`${pieces.length === 0 ? '{' : '},'}"${section}":{`));
    appendAll(pieces, joinMembers('json', sections[section]));
  }
  pieces.push(utf8.encode(`},${JSON.stringify(FRAME).slice(1)}`));
  return pieces;
}

function frameProtobuf(sections: Readonly<Record<Section, readonly Uint8Array[]>>): Pieces {
  const length = (pieces: readonly Uint8Array[]): number =>
    pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return [
    encodeOpenAPIV2(FRAME),
    ...SECTIONS.flatMap((section) => {
      const members = joinMembers('protobuf', sections[section]);
      return [encodeSectionStart(section, length(members)), ...members];
    }),
  ];
}

/** Joins the members of several pieces. */
function joinMembers(format: OpenAPIFormat, pieces: Pieces): Pieces {
  const filled = pieces.filter(({ byteLength }) => byteLength > 0);
  if (format === 'protobuf') return filled;
  return filled.flatMap((piece, index) => (index === 0 ? [piece] : [COMMA, piece]));
}
