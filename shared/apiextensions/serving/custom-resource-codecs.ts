import { asUnstructured } from '../../meta/kube-object.ts';
import { NotRegisteredError, type Scheme } from '../../runtime/scheme.ts';
import { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import { schemeKinds } from '../../runtime/serializer/scheme-kinds.ts';
import type { Decoded, DecodeOptions, KindSchemas, MediaType } from '../../runtime/serializer/serializer.ts';
import type { Pieces } from '../../util/breathe.ts';
import type { ResourceForm } from './resource-form.ts';

const MEDIA_TYPES: readonly MediaType[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
];

const DELETE_OPTIONS = { group: 'meta.k8s.io', version: 'v1', kind: 'DeleteOptions' };

/** Codecs for a definition's endpoints: its resources, coerced by their schemas, and the kinds common to all APIs. */
export function customResourceCodecs(scheme: Scheme, form: ResourceForm): CodecFactory {
  return new CodecFactory(kindsBeside(scheme), MEDIA_TYPES, (decoded, options) =>
    finish(decoded, options, form),
  );
}

/** Delete options may be in the resource's own version. Unknown kinds are arbitrary JSON objects. */
function kindsBeside(scheme: Scheme): KindSchemas {
  const known = schemeKinds(scheme);
  return (gvk) => {
    if (gvk.kind === DELETE_OPTIONS.kind) return known(DELETE_OPTIONS);
    try {
      return known(gvk);
    } catch (error) {
      if (error instanceof NotRegisteredError) return undefined;
      throw error;
    }
  };
}

function* finish(decoded: Decoded, { strict }: DecodeOptions, form: ResourceForm): Pieces<Decoded> {
  if (!form.has(decoded.object)) return decoded;
  const unknown: string[] | undefined = strict ? [] : undefined;
  yield* form.coerce(asUnstructured(decoded.object), unknown);
  if (unknown === undefined || unknown.length === 0) return decoded;
  const more = unknown.map((path) => `unknown field "${path}"`);
  return { ...decoded, strictErrors: [...decoded.strictErrors, ...more] };
}
