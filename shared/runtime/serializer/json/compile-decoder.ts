import type { TypeSchema } from '../../type-schema.ts';
import { ListDecoder, MapDecoder } from './container-decoders.ts';
import type { Decoder } from './decoder.ts';
import { scalarDecoders } from './scalar-decoders.ts';
import { StructDecoder } from './struct-decoder.ts';
import { untypedDecoder } from './untyped-decoders.ts';

/** Decoders live as long as their schemas. */
const compiled = new WeakMap<TypeSchema, Decoder>();

export function compileDecoder(schema: TypeSchema): Decoder {
  let decoder = compiled.get(schema);
  if (decoder === undefined) {
    decoder = compile(schema);
    compiled.set(schema, decoder);
  }
  return decoder;
}

function compile(schema: TypeSchema): Decoder {
  switch (schema.kind) {
    case 'scalar':
      return scalarDecoders[schema.type];
    case 'struct':
      return new StructDecoder(schema, compileDecoder);
    case 'list':
      return new ListDecoder(schema, compileDecoder);
    case 'map':
      return new MapDecoder(schema, compileDecoder);
    case 'untyped':
      return untypedDecoder(schema, compileDecoder);
  }
}
