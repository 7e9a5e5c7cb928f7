import type { TypeSchema } from '../../type-schema.ts';
import { ListDecoder, MapDecoder } from './container-decoders.ts';
import type { Decoder } from './decoder.ts';
import { scalarDecoders } from './scalar-decoders.ts';
import { StructDecoder } from './struct-decoder.ts';
import { untypedDecoder } from './untyped-decoders.ts';

/** Decoders are cached as long as their schemas exist. */
const compiled = new WeakMap<TypeSchema, Decoder>();

export function compileDecoder(schema: TypeSchema, goType?: string): Decoder {
  if (goType !== undefined) return compile(schema, goType);
  let decoder = compiled.get(schema);
  if (decoder === undefined) {
    decoder = compile(schema);
    compiled.set(schema, decoder);
  }
  return decoder;
}

function compile(schema: TypeSchema, goType?: string): Decoder {
  switch (schema.kind) {
    case 'scalar':
      return goType === undefined ? scalarDecoders[schema.type] : { ...scalarDecoders[schema.type], goType };
    case 'struct':
      return new StructDecoder(schema, compileDecoder, goType);
    case 'list':
      return new ListDecoder(schema, compileDecoder, goType);
    case 'map':
      return new MapDecoder(schema, compileDecoder, goType);
    case 'untyped':
      return untypedDecoder(schema, compileDecoder);
  }
}
