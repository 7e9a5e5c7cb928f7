/** API types as data: tables of facts per group version, parsed on first use and exposed as `TypeSchema`. */

import type { HiddenFields } from './hidden-fields.ts';
import { type ReadText, TextTables } from './text-tables.ts';
import type {
  EmbeddedSchema,
  FieldSchema,
  ListSchema,
  ScalarType,
  StructSchema,
  TypeSchema,
  UnionSchema,
} from './type-schema.ts';

/** A field in a table; the keys are documented in shared/apis/README.md. */
export interface TableField {
  readonly type: string;
  readonly container?: 'array' | 'map' | 'map-of-array';
  readonly required?: boolean;
  readonly omitempty?: boolean;
  readonly omitzero?: boolean;
  readonly keepsEmpty?: boolean;
  readonly ptr?: boolean;
  readonly pb?: number;
  readonly pbName?: string;
  readonly pbWrap?: string;
  /** The embedded struct of the field (flat in JSON, nested in protobuf). */
  readonly in?: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  readonly enum?: readonly string[];
  readonly default?: unknown;
  /** Set if the type has a name of its own: `v1.RestartPolicy`. */
  readonly goType?: string;
}

/** A type in a table. */
export interface TableType {
  readonly gvk?: string;
  readonly inline?: readonly { readonly type: string; readonly pb?: number; readonly pbName?: string }[];
  readonly mapType?: 'atomic' | 'granular';
  readonly unions?: readonly unknown[];
  readonly aliasOf?: string;
  readonly custom?: boolean;
  readonly special?: string;
  readonly openapi?: unknown;
  readonly openapiV3?: unknown;
  readonly pbFields?: Readonly<Record<string, readonly [string, number]>>;
  readonly published?: boolean;
  readonly fields?: Readonly<Record<string, TableField>>;
}

const SCALARS: ReadonlySet<string> = new Set<ScalarType>([
  'string',
  'boolean',
  'int32',
  'int64',
  'double',
  'bytes',
  'quantity',
  'int-or-string',
  'time',
  'micro-time',
  'duration',
]);
const UNTYPED = new Set(['raw', 'fieldsV1', 'json', 'any']);

function withoutFields(
  table: Readonly<Record<string, TableType>>,
  hidden: HiddenFields,
): Readonly<Record<string, TableType>> {
  const types = Object.entries(table).map(([definition, type]): [string, TableType] => {
    const names = hidden.of(definition);
    if (names.size === 0) return [definition, type];
    const fields = Object.entries(type.fields ?? {}).filter(([name]) => !names.has(name));
    return [definition, { ...type, fields: Object.fromEntries(fields) }];
  });
  return Object.fromEntries(types);
}

/** A field whose schema is resolved on first use. */
class TableFieldSchema implements FieldSchema {
  readonly name: string;
  readonly required: boolean;
  readonly omitempty: boolean;
  readonly omitzero: boolean;
  readonly keepsEmpty: boolean;
  readonly pointer: boolean;
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey: string | undefined;
  readonly default: unknown;
  readonly goType: string | undefined;
  readonly table: TableField;
  readonly #tables: TypeTables;
  #schema: TypeSchema | undefined;

  constructor(tables: TypeTables, name: string, field: TableField) {
    this.name = name;
    this.required = field.required ?? false;
    this.omitempty = field.omitempty ?? false;
    this.omitzero = field.omitzero ?? false;
    this.keepsEmpty = field.keepsEmpty ?? false;
    this.pointer = field.ptr ?? false;
    this.patchStrategies = field.patchStrategy?.split(',') ?? [];
    this.patchMergeKey = field.patchMergeKey;
    this.default = field.default;
    this.goType = field.goType;
    this.table = field;
    this.#tables = tables;
  }

  get schema(): TypeSchema {
    this.#schema ??= this.#tables.fieldSchema(this.table);
    return this.#schema;
  }
}

/** The tables of every group version, keyed by definition prefix: definition name -> `TableType`. */
export class TypeTables {
  readonly #tables: TextTables<TableType>;
  readonly #schemas = new Map<string, TypeSchema>();

  /** `hidden` fields are removed from all types. */
  constructor(texts: ReadonlyMap<string, ReadText>, hidden?: HiddenFields) {
    this.#tables = new TextTables(texts, hidden && ((table) => withoutFields(table, hidden)));
  }

  /** Prefixes in the order given. */
  prefixes(): readonly string[] {
    return this.#tables.prefixes();
  }

  /** All types with a definition prefix. Throws if there is no such table. */
  table(prefix: string): Readonly<Record<string, TableType>> {
    const table = this.#tables.table(prefix);
    if (table === undefined) throw new Error(`no type table for ${prefix}`);
    return table;
  }

  has(definition: string): boolean {
    return this.#tables.entry(definition) !== undefined;
  }

  /** Throws if the definition isn't in any table. */
  type(definition: string): TableType {
    const type = this.#tables.entry(definition);
    if (type === undefined) throw new Error(`no type ${definition}`);
    return type;
  }

  schema(definition: string): TypeSchema {
    let schema = this.#schemas.get(definition);
    if (schema === undefined) {
      schema = this.#build(definition, this.type(definition));
      this.#schemas.set(definition, schema);
    }
    return schema;
  }

  /** The schema of a field's value, including its container. */
  fieldSchema(field: TableField): TypeSchema {
    const element = this.#elementSchema(field);
    if (field.container === undefined) {
      if (field.mapType === undefined || element.kind !== 'struct') return element;
      return { ...element, atomic: field.mapType === 'atomic' };
    }
    if (field.container === 'array') return this.#list(element, field);
    const value: TypeSchema =
      field.container === 'map' ? element : { kind: 'list', element, listType: 'atomic', listMapKeys: [] };
    return { kind: 'map', element: value, atomic: field.mapType === 'atomic' };
  }

  #list(element: TypeSchema, field: TableField): ListSchema {
    return {
      kind: 'list',
      element,
      listType: field.listType ?? 'atomic',
      listMapKeys: field.listMapKeys ?? [],
    };
  }

  #elementSchema(field: TableField): TypeSchema {
    if (field.type.startsWith('ref:')) return this.schema(field.type.slice('ref:'.length));
    if (SCALARS.has(field.type)) return { kind: 'scalar', type: field.type as ScalarType, enum: field.enum };
    if (UNTYPED.has(field.type)) {
      return { kind: 'untyped', type: field.type as 'raw' | 'fieldsV1' | 'json' | 'any' };
    }
    throw new Error(`unknown field type ${field.type}`);
  }

  #union(definition: string, type: TableType): UnionSchema {
    const fields = type.fields ?? {};
    const struct = (): TypeSchema => this.schema(fields['Schema']!.type.slice('ref:'.length));
    return {
      name: definition,
      or: fields['Allows'] ? 'boolean' : fields['Property'] ? 'string-array' : 'array',
      get struct() {
        return struct();
      },
    };
  }

  #embedded(inline: NonNullable<TableType['inline']>): EmbeddedSchema[] {
    const schemaOf = (type: string): TypeSchema => this.schema(type.slice('ref:'.length));
    return inline.flatMap(({ type, pb, pbName = '' }) =>
      pb === undefined
        ? []
        : {
            number: pb,
            name: pbName,
            get schema() {
              return schemaOf(type);
            },
          },
    );
  }

  #build(definition: string, type: TableType): TypeSchema {
    if (type.special !== undefined) return this.#elementSchema({ type: type.special });
    if (type.custom) return { kind: 'untyped', type: 'json', union: this.#union(definition, type) };
    const fields = new Map<string, FieldSchema>();
    for (const [name, field] of Object.entries(type.fields ?? {})) {
      fields.set(name, new TableFieldSchema(this, name, field));
    }
    const struct: StructSchema = {
      kind: 'struct',
      name: definition,
      fields,
      atomic: type.mapType === 'atomic',
      ...(type.inline && { embedded: this.#embedded(type.inline) }),
    };
    return struct;
  }
}

/** The table entry of a field, for codecs that need its protobuf number; undefined for custom resources. */
export function tableFieldOf(field: FieldSchema): TableField | undefined {
  return field instanceof TableFieldSchema ? field.table : undefined;
}
