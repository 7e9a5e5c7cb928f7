/**
 * Content negotiation: the media types of a request's body and answer
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/negotiation/negotiate.go).
 */

import { newNotAcceptable, newUnsupportedMediaType, type StatusError } from '../../meta/status-error.ts';
import { headerOf } from '../../request/api-request.ts';
import type { GroupVersionKind } from '../../runtime/group-version.ts';
import type { CodecFactory } from '../../runtime/serializer/codec-factory.ts';
import type { MediaType, Serializer, SerializerInfo } from '../../runtime/serializer/serializer.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { type AcceptClause, parseAccept } from './accept.ts';

/** The transformations that an endpoint supports. */
export interface EndpointRestrictions {
  /** `convert` is undefined for the untransformed object. */
  allowsTransform(mediaType: MediaType, convert: GroupVersionKind | undefined): boolean;
}

export const NO_TRANSFORMS: EndpointRestrictions = {
  allowsTransform: (_mediaType, convert) => convert === undefined,
};

export interface OutputMediaType {
  readonly info: SerializerInfo;
  /** The pretty-printing serializer if the client asked for it. */
  readonly serializer: Serializer;
  readonly pretty: boolean;
  readonly convert: GroupVersionKind | undefined;
  /** The discovery profile, such as `nopeer`. */
  readonly profile: string;
  /** Whether `metadata.managedFields` is omitted from objects. */
  readonly dropsManagedFields: boolean;
}

/** The feature gate that lets clients request answers without `metadata.managedFields`. */
const DROP_GATE = 'ManagedFieldsOptOut';
const MANAGED_FIELDS = 'metadata.managedFields';

export function notAcceptable(accepted: readonly string[]): StatusError {
  return newNotAcceptable(`only the following media types are accepted: ${accepted.join(', ')}`);
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  return newUnsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

const HUMAN_AGENTS = ['curl', 'Wget', 'Mozilla/5.0'];
const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];

export function isPrettyPrint({ request }: ServingContext): boolean {
  const pretty = request.query.get('pretty');
  if (pretty !== null && pretty !== '') return TRUE.includes(pretty);
  const agent = headerOf(request.headers, 'user-agent') ?? '';
  return HUMAN_AGENTS.some((prefix) => agent.startsWith(prefix));
}

interface ClauseOptions {
  readonly convert: GroupVersionKind | undefined;
  readonly stream: boolean;
  readonly pretty: boolean;
  readonly profile: string;
  readonly dropsManagedFields: boolean;
  /** Whether the client asks for a form that no server supports. */
  readonly impossible: boolean;
}

/** The kind that a clause asks for in place of the object's own; undefined if none. */
export function requestedKind({ parameters }: AcceptClause): GroupVersionKind | undefined {
  const [kind, group, version] = ['as', 'g', 'v'].map((name) => parameters.get(name));
  if (kind === undefined && group === undefined && version === undefined) return undefined;
  return { group: group ?? '', version: version ?? '', kind: kind ?? '' };
}

function clauseOptions(clause: AcceptClause, { featureEnabled }: ServingContext): ClauseOptions {
  const { parameters } = clause;
  const stream = parameters.get('stream') ?? '';
  const serverVersion = parameters.get('sv') ?? '';
  const dropped = parameters.get('drop') ?? '';
  const drops = dropped !== '' && featureEnabled(DROP_GATE);
  return {
    convert: requestedKind(clause),
    stream: stream !== '',
    pretty: parameters.get('pretty') === '1',
    profile: parameters.get('profile') ?? '',
    dropsManagedFields: drops,
    impossible:
      (stream !== '' && stream !== 'watch') ||
      (serverVersion !== '' && serverVersion !== 'v1') ||
      (drops && dropped !== MANAGED_FIELDS),
  };
}

/** Whether a clause matches a media type. */
export function clauseMatches({ type, subType }: AcceptClause, mediaType: string): boolean {
  const [ownType, ownSubType] = mediaType.split('/');
  return (type === '*' || type === ownType) && (subType === '*' || subType === ownSubType);
}

/** The media types on offer. */
export type OfferedCodecs = Pick<CodecFactory, 'json' | 'supportedMediaTypes' | 'serializerInfo'>;

/** Throws NotAcceptable. With `streaming`, the preferred media type must support watches. */
export async function negotiateOutput(
  context: ServingContext,
  codecs: OfferedCodecs,
  restrictions: EndpointRestrictions,
  { streaming = false }: { readonly streaming?: boolean } = {},
): Promise<OutputMediaType> {
  const supported = codecs.supportedMediaTypes();
  const header = (context.request.headers.get('accept') ?? []).join(',');
  if (header === '') return output(context, await infoOf(codecs, supported[0]!), undefined);
  for (const clause of parseAccept(header)) {
    const mediaType = supported.find((candidate) => clauseMatches(clause, candidate));
    if (mediaType === undefined) continue;
    const candidates = supported.filter((candidate) => clauseMatches(clause, candidate));
    for (const candidate of candidates) {
      const options = clauseOptions(clause, context);
      if (options.impossible || !restrictions.allowsTransform(candidate, options.convert)) continue;
      const info = await infoOf(codecs, candidate);
      if (options.stream && info.streamSerializer === undefined) continue;
      if (streaming && info.streamSerializer === undefined) throw await noStream(codecs);
      return output(context, info, options);
    }
  }
  throw notAcceptable(supported);
}

/** NotAcceptable, listing the media types that support watches. */
async function noStream(codecs: OfferedCodecs): Promise<StatusError> {
  const infos = await Promise.all(codecs.supportedMediaTypes().map((type) => infoOf(codecs, type)));
  const streams = infos.filter(({ streamSerializer }) => streamSerializer !== undefined);
  return notAcceptable(streams.map(({ mediaType }) => `${mediaType};stream=watch`));
}

async function infoOf(codecs: OfferedCodecs, mediaType: MediaType): Promise<SerializerInfo> {
  return mediaType === 'application/json' ? codecs.json : (await codecs.serializerInfo(mediaType))!;
}

function output(
  context: ServingContext,
  info: SerializerInfo,
  options: ClauseOptions | undefined,
): OutputMediaType {
  const pretty = (options?.pretty ?? false) || isPrettyPrint(context);
  const prettySerializer = pretty ? info.prettySerializer : undefined;
  return {
    info,
    serializer: prettySerializer ?? info.serializer,
    pretty: prettySerializer !== undefined,
    convert: options?.convert,
    profile: options?.profile ?? '',
    dropsManagedFields: options?.dropsManagedFields ?? false,
  };
}

/** The media type of a Content-Type header, without parameters; undefined if it is malformed. */
export function parseMediaType(contentType: string): string | undefined {
  const mediaType = contentType.split(';')[0]!.trim().toLowerCase();
  return /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/.test(mediaType) ? mediaType : undefined;
}

/** Throws UnsupportedMediaType. */
export async function negotiateInput(context: ServingContext, codecs: CodecFactory): Promise<SerializerInfo> {
  const header = headerOf(context.request.headers, 'content-type') ?? '';
  if (header === '') return codecs.json;
  const mediaType = parseMediaType(header);
  if (mediaType === 'application/json') return codecs.json;
  const info = mediaType === undefined ? undefined : await codecs.serializerInfo(mediaType);
  if (info === undefined) throw unsupportedMediaType(codecs.supportedMediaTypes());
  return info;
}
