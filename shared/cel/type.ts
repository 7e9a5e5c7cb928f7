/** Types used by the checker (https://github.com/google/cel-spec/blob/master/doc/langdef.md#values). */

export type TypeKind =
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'opaque'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'typeParam'
  | 'uint';

/** Immutable. `name` is the run-time type name (`type(x)`), which for some types differs from the checker's. */
export class CelType {
  readonly kind: TypeKind;
  readonly name: string;
  readonly params: readonly CelType[];

  constructor(kind: TypeKind, name: string, params: readonly CelType[] = []) {
    this.kind = kind;
    this.name = name;
    this.params = params;
  }

  /** The spelling in compile errors: `list(int)`, `map(string, dyn)`, `timestamp`. */
  toString(): string {
    switch (this.kind) {
      case 'duration':
      case 'timestamp':
      case 'null':
      case 'any':
        return this.kind;
      case 'error':
        return '!error!';
      default:
        return this.params.length === 0 ? this.name : `${this.name}(${this.params.join(', ')})`;
    }
  }

  /** The spelling of cel-go's `Type.String`: `null_type`, `list(google.protobuf.Timestamp)`. */
  declaredName(): string {
    if (this.params.length === 0) return this.name;
    return `${this.name}(${this.params.map((param) => param.declaredName()).join(', ')})`;
  }

  /** Same kind, name and parameters. */
  equals(other: CelType): boolean {
    if (this === other) return true;
    return (
      this.kind === other.kind &&
      this.name === other.name &&
      this.params.length === other.params.length &&
      this.params.every((param, i) => param.equals(other.params[i]!))
    );
  }
}

export const ANY = new CelType('any', 'google.protobuf.Any');
export const BOOL = new CelType('bool', 'bool');
export const BYTES = new CelType('bytes', 'bytes');
export const DOUBLE = new CelType('double', 'double');
export const DURATION = new CelType('duration', 'google.protobuf.Duration');
export const DYN = new CelType('dyn', 'dyn');
export const ERROR = new CelType('error', 'error');
export const INT = new CelType('int', 'int');
export const NULL = new CelType('null', 'null_type');
export const STRING = new CelType('string', 'string');
export const TIMESTAMP = new CelType('timestamp', 'google.protobuf.Timestamp');
export const TYPE = new CelType('type', 'type');
export const UINT = new CelType('uint', 'uint');

export function listType(element: CelType): CelType {
  return new CelType('list', 'list', [element]);
}

export function mapType(key: CelType, value: CelType): CelType {
  return new CelType('map', 'map', [key, value]);
}

export function objectType(name: string): CelType {
  return new CelType('struct', name);
}

export function opaqueType(name: string, ...params: CelType[]): CelType {
  return new CelType('opaque', name, params);
}

export function optionalType(value: CelType): CelType {
  return opaqueType('optional_type', value);
}

export function typeParam(name: string): CelType {
  return new CelType('typeParam', name);
}

export function typeType(type: CelType): CelType {
  return new CelType('type', 'type', [type]);
}

export const LIST = listType(DYN);
export const MAP = mapType(DYN, DYN);

export function isOptionalType(type: CelType): boolean {
  return type.kind === 'opaque' && type.name === 'optional_type';
}

export function isDyn(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'any';
}
