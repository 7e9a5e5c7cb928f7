/**
 * Debugging pages of a component, as text or as API objects
 * (https://github.com/kubernetes/apiserver/tree/master/pkg/server/flagz, statusz).
 */

import type { GroupVersionKind } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import type { MediaType } from '../../runtime/serializer/serializer.ts';
import { parseAccept } from '../codec/accept.ts';
import {
  clauseMatches,
  isPrettyPrint,
  notAcceptable,
  type OfferedCodecs,
  requestedKind,
} from '../codec/negotiation.ts';
import { writeBytes, writeError } from '../codec/response-writers.ts';
import type { RequestHandler } from '../routing/handler.ts';
import type { ServingContext } from '../routing/serving-context.ts';

const GROUP = 'config.k8s.io';
const VERSIONS = ['v1alpha1', 'v1beta1'];
/** This version is served with a deprecation warning. */
const DEPRECATED = 'v1alpha1';
const STRUCTURED: readonly MediaType[] = ['application/json', 'application/yaml', 'application/cbor'];
const TEXT = 'text/plain';

/** The name of kube-apiserver on its pages. */
const COMPONENT = 'apiserver';

export interface ZPage {
  /** `Flagz` at `/flagz`. */
  readonly kind: string;
  /** The current fields of the object, in the order in which they are written. */
  content(): Readonly<Record<string, unknown>>;
  /** The same content as text. */
  text(): string;
}

function negotiate(
  { request }: ServingContext,
  offered: readonly string[],
  kind: string,
): { readonly mediaType: string; readonly convert: GroupVersionKind } | 'text' | 'none' {
  const header = (request.headers.get('accept') ?? []).join(',').trim();
  if (header === '') return 'text';
  for (const clause of parseAccept(header)) {
    if (['stream', 'sv'].some((name) => (clause.parameters.get(name) ?? '') !== '')) continue;
    const convert = requestedKind(clause);
    for (const mediaType of offered.filter((candidate) => clauseMatches(clause, candidate))) {
      if (mediaType === TEXT && convert === undefined) return 'text';
      if (mediaType === TEXT || convert === undefined) continue;
      if (convert.kind === kind && convert.group === GROUP && VERSIONS.includes(convert.version)) {
        return { mediaType, convert };
      }
    }
  }
  return 'none';
}

export function serveZPage({ kind, content, text }: ZPage, codecs: CodecFactory): RequestHandler {
  const structured = codecs.supportedMediaTypes().filter((type) => STRUCTURED.includes(type));
  const offered = [...structured, TEXT];
  const ofErrors: OfferedCodecs = {
    json: codecs.json,
    supportedMediaTypes: () => structured,
    serializerInfo: (type) => codecs.serializerInfo(type),
  };
  return async (context) => {
    const form = negotiate(context, offered, kind);
    if (form === 'none') return writeError(context, ofErrors, notAcceptable(offered));
    if (form === 'text') {
      const warning =
        'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.';
      const page = `\n${COMPONENT} ${kind.toLowerCase()}\n${warning}\n${text()}`;
      return { status: 200, headers: { 'content-type': `${TEXT}; charset=utf-8` }, body: Buffer.from(page) };
    }
    const { mediaType, convert } = form;
    if (convert.version === DEPRECATED) {
      context.addWarning(
        `This version of the ${kind.toLowerCase()} endpoint is deprecated. Please use a newer version.`,
      );
    }
    const object = {
      kind,
      apiVersion: `${GROUP}/${convert.version}`,
      metadata: { name: COMPONENT },
      ...content(),
    } as RuntimeObject;
    const { serializer, prettySerializer } = (await codecs.serializerInfo(mediaType))!;
    const chosen = (isPrettyPrint(context) ? prettySerializer : undefined) ?? serializer;
    const contentType = `${mediaType};g=${GROUP};v=${convert.version};as=${kind}`;
    return writeBytes(context, 200, contentType, chosen.encode(object));
  };
}
