import { beforeAll, expect, test } from 'vitest';
import { nopConverter } from '../../../shared/apiextensions/conversion/converter.ts';
import {
  type SchemaTools,
  SchemaToolsLoader,
} from '../../../shared/apiextensions/definition/schema-tools.ts';
import {
  CustomResourceValidator,
  type CustomResourceValidatorOptions,
} from '../../../shared/apiextensions/registry/customresource/custom-resource-validator.ts';
import { newStructural, structuralError } from '../../../shared/apiextensions/schema/structural.ts';
import { validateStructural } from '../../../shared/apiextensions/schema/structural-validation.ts';
import { ResourceForm } from '../../../shared/apiextensions/serving/resource-form.ts';
import { SchemaValidator } from '../../../shared/apiextensions/validation/schema-validator.ts';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import { builtinTypeTables } from '../../../shared/apis/type-tables.ts';
import { type FieldError, formatFieldError } from '../../../shared/meta/field-error.ts';
import { FieldPath } from '../../../shared/meta/field-path.ts';
import type { UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import { DecodingError } from '../../../shared/runtime/serializer/decoding-error.ts';
import { atOnce } from '../../../shared/util/breathe.ts';
import { deepCopy } from '../../../shared/util/deep-copy.ts';
import { fittingValueOf, specSchema } from '../../fixtures/apiextensions/structural-arbitrary.ts';
import fc from '../../fixtures/fuzz.ts';

let tools: SchemaTools;
beforeAll(async () => {
  tools = await new SchemaToolsLoader(builtinTypeTables()).load();
});

const KIND = { group: 'example.com', version: 'v1', kind: 'Thing' };

function formOf(...roots: JSONSchemaProps[]): ResourceForm {
  return new ResourceForm({
    group: KIND.group,
    kind: KIND.kind,
    schemas: new Map(roots.map((root, index) => [`v${index + 1}`, newStructural(root)])),
    preserveUnknownFields: false,
    objectMeta: tools.objectMeta,
  });
}

function validatorOf(root: JSONSchemaProps): CustomResourceValidator {
  const options: CustomResourceValidatorOptions = {
    kind: KIND,
    structural: newStructural(root),
    schema: new SchemaValidator(root, tools.regexp),
    status: undefined,
    rules: undefined,
    scale: undefined,
    objectMeta: tools.objectMeta,
  };
  return new CustomResourceValidator(options);
}

const rootOf = (spec: JSONSchemaProps): JSONSchemaProps => ({ type: 'object', properties: { spec } });
const thing = (spec: unknown, version = 'v1'): UnstructuredObject =>
  ({
    apiVersion: `example.com/${version}`,
    kind: 'Thing',
    metadata: { name: 'a' },
    spec,
  }) as UnstructuredObject;

/** Decodes as for storage; undefined if decoding fails. */
function decoded(form: ResourceForm, object: UnstructuredObject): UnstructuredObject | undefined {
  const copy = deepCopy(object);
  try {
    atOnce(form.coerce(copy));
  } catch (error) {
    if (error instanceof DecodingError) return undefined;
    throw error;
  }
  form.setDefaults(copy);
  return copy;
}

const schemaAndSpec = specSchema.chain((schema) => fc.tuple(fc.constant(schema), fittingValueOf(schema)));

test('the schemas are structural', () => {
  fc.assert(
    fc.property(specSchema, (schema) => {
      expect(structuralError(schema)).toBeUndefined();
      const errors = atOnce(validateStructural(FieldPath.of('schema'), rootOf(schema), tools.regexp));
      expect(errors.map(formatFieldError)).toEqual([]);
    }),
  );
});

test('pruning and defaulting are idempotent', () => {
  fc.assert(
    fc.property(schemaAndSpec, ([schema, spec]) => {
      const form = formOf(rootOf(schema));
      const once = decoded(form, thing(spec));
      if (once === undefined) return;
      expect(decoded(form, once)).toEqual(once);
      const unknown: string[] = [];
      atOnce(form.coerce(deepCopy(once), unknown));
      expect(unknown).toEqual([]);
      const stored = deepCopy(once);
      form.prune(stored);
      form.setDefaults(stored);
      expect(stored).toEqual(once);
    }),
  );
});

test('stored objects are always readable, and then unchanged', () => {
  fc.assert(
    fc.property(fc.tuple(specSchema, schemaAndSpec), ([schema, [, spec]]) => {
      const form = formOf(rootOf(schema));
      const read = (object: UnstructuredObject): UnstructuredObject => {
        const copy = deepCopy(object);
        form.prune(copy);
        form.setDefaults(copy);
        return copy;
      };
      const once = read(thing(spec));
      expect(read(once)).toEqual(once);
    }),
  );
});

test('conversion by name alone is reversible', () => {
  fc.assert(
    fc.property(schemaAndSpec, ([schema, spec]) => {
      const form = formOf(rootOf(schema), rootOf(schema));
      const object = decoded(form, thing(spec));
      if (object === undefined) return;
      const [there] = nopConverter.convert([deepCopy(object)], 'example.com/v2');
      form.prune(there!);
      expect(there).toEqual({ ...object, apiVersion: 'example.com/v2' });
      const [back] = nopConverter.convert([there!], 'example.com/v1');
      form.prune(back!);
      expect(back).toEqual(object);
    }),
  );
});

/** As upstream, unknown fields count as changed: these schemas preserve none. */
const closed = (schema: JSONSchemaProps): boolean =>
  !JSON.stringify(schema).includes('x-kubernetes-preserve-unknown-fields');
/** Items of a list of type map without a counterpart in the old object: they have no keys, or those of others. */
const hasStrayItems = (errors: readonly FieldError[]): boolean =>
  errors.some((error) =>
    /list-type map|\.key\b|Duplicate value|must be of type object/.test(formatFieldError(error)),
  );
/** Errors reported separately from schema validation: type and metadata of embedded resources, duplicate list items. */
const isApart = (text: string): boolean => /Duplicate value|\.(metadata|apiVersion|kind)/.test(text);

test('an update without changes has no errors, whatever was stored', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(specSchema.filter(closed), schemaAndSpec), async ([schema, [, spec]]) => {
      const object = decoded(formOf(rootOf(schema)), thing(spec));
      if (object === undefined) return;
      const validator = validatorOf(rootOf(schema));
      if (hasStrayItems((await validator.validate(deepCopy(object))).errors)) return;
      const { errors } = await validator.validateUpdate(object, deepCopy(object));
      expect(errors.map(formatFieldError)).toEqual([]);
    }),
  );
});

test('errors in unchanged parts are accepted; errors in changed parts are those of a new object', async () => {
  const schema = specSchema.filter(closed);
  const two = fc
    .tuple(schema, schema)
    .chain(([left, right]) =>
      fc.tuple(fc.constant({ left, right }), fittingValueOf(left, 4), fittingValueOf(right, 4)),
    );
  await fc.assert(
    fc.asyncProperty(two, async ([properties, left, right]) => {
      const root = rootOf({ type: 'object', properties });
      const next = decoded(formOf(root), thing({ left, right }));
      const old = decoded(formOf(root), thing({ left }));
      if (next === undefined || old === undefined) return;
      const validator = validatorOf(root);
      const of = (side: string, errors: readonly FieldError[]): string[] =>
        errors.map(formatFieldError).filter((text) => text.startsWith(`spec.${side}`) && !isApart(text));
      const fresh = (await validator.validate(deepCopy(next))).errors;
      if (hasStrayItems(fresh)) return;
      const { errors } = await validator.validateUpdate(next, old);
      expect(of('right', errors)).toEqual(of('right', fresh));
      expect(of('left', errors)).toEqual([]);
    }),
  );
});
