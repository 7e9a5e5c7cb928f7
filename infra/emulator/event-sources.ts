/**
 * Emulates Lambda's event source mappings: consumes tables' streams, invokes functions, and serves the API that manages
 * mappings.
 */

import { randomUUID } from 'node:crypto';
import { tableOfARN } from './arns.ts';
import { followTable, type StreamRecord, type TableStream } from './table-stream.ts';
import type { EventPattern } from './template.ts';

export interface EventSourcesOptions {
  /** Of an emulator. */
  readonly dynamodbEndpoint: string;
  /** Milliseconds that it takes to create, change or remove a mapping. */
  readonly takesMs: number;
  readonly invoke: (
    functionName: string,
    event: { readonly Records: readonly StreamRecord[] },
  ) => Promise<unknown>;
  /** Whether the function may read a stream. */
  readonly canRead: (stream: string) => boolean;
}

interface Settings {
  readonly EventSourceArn?: string;
  /** An ARN. */
  readonly FunctionName?: string;
  readonly StartingPosition?: string;
  readonly FilterCriteria?: { readonly Filters?: readonly { readonly Pattern: string }[] };
}

type State = 'Creating' | 'Enabled' | 'Updating' | 'Deleting';

interface Mapping {
  readonly UUID: string;
  readonly EventSourceArn: string;
  readonly FunctionArn: string;
  settings: Settings;
  state: State;
  /** Milliseconds since the epoch at which the pending change takes effect. */
  settledAt: number;
  stream: TableStream | undefined;
}

/** Whether the caller may do this to mappings of a function; without one: to any. */
type Judge = (action: string, functionARN: string | undefined) => boolean;

export interface LambdaAnswer {
  readonly status: number;
  readonly body: object;
}

const PATH = '/2015-03-31/event-source-mappings';
/** Page size of listings. */
const PAGE = 100;

class Refused extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

export class EventSources {
  readonly #options: EventSourcesOptions;
  readonly #mappings = new Map<string, Mapping>();

  constructor(options: EventSourcesOptions) {
    this.#options = options;
  }

  static isAsked(path: string): boolean {
    return path.startsWith(PATH);
  }

  /** All mappings of a table, with their settings. */
  of(table: string): readonly object[] {
    return this.#currentMappings()
      .filter(({ EventSourceArn }) => tableOfARN(EventSourceArn) === table)
      .map(described);
  }

  /** Creates a mapping like CloudFormation, which waits until it is active. */
  async declare(settings: Settings): Promise<void> {
    const mapping = await this.#create(settings);
    mapping.settledAt = 0;
  }

  async answer(method: string, url: URL, body: Settings, judge: Judge): Promise<LambdaAnswer> {
    try {
      const uuid = url.pathname.slice(PATH.length).replaceAll('/', '');
      const { status, mapping } = await this.#run(method, uuid, body, judge);
      return mapping === undefined
        ? this.#list(url.searchParams, judge)
        : { status, body: described(mapping) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, type, message } = error;
      return { status, body: { __type: type, Type: 'User', message } };
    }
  }

  async idle(): Promise<void> {
    await Promise.all(this.#currentMappings().flatMap(({ stream }) => (stream ? [stream.idle()] : [])));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#mappings.values()].flatMap(({ stream }) => (stream ? [stream.close()] : [])));
  }

  async #run(method: string, uuid: string, body: Settings, judge: Judge) {
    if (method === 'GET' && uuid === '') return { status: 200, mapping: undefined };
    if (method === 'POST') {
      allow(judge, 'CreateEventSourceMapping', body.FunctionName);
      return { status: 202, mapping: await this.#create(body) };
    }
    const mapping = this.#currentMappings().find(({ UUID }) => UUID === uuid);
    if (mapping === undefined) throw new Refused(404, 'ResourceNotFoundException', `no mapping ${uuid}`);
    allow(
      judge,
      method === 'PUT' ? 'UpdateEventSourceMapping' : 'DeleteEventSourceMapping',
      mapping.FunctionArn,
    );
    if (stateOf(mapping) !== 'Enabled') {
      const message = `Cannot change the event source mapping because it is in use: ${stateOf(mapping)}`;
      throw new Refused(400, 'ResourceInUseException', message);
    }
    if (method === 'PUT') mapping.settings = { ...mapping.settings, ...body };
    await mapping.stream?.close();
    mapping.stream = method === 'PUT' ? await this.#follow(mapping) : undefined;
    this.#begin(mapping, method === 'PUT' ? 'Updating' : 'Deleting');
    return { status: 202, mapping };
  }

  async #create(settings: Settings): Promise<Mapping> {
    const { EventSourceArn = '', FunctionName: FunctionArn = '' } = settings;
    const isThere = this.#currentMappings().some(
      (other) => other.EventSourceArn === EventSourceArn && other.FunctionArn === FunctionArn,
    );
    if (isThere) {
      throw new Refused(
        409,
        'ResourceConflictException',
        `${EventSourceArn} is mapped to ${FunctionArn} already`,
      );
    }
    if (!this.#options.canRead(EventSourceArn)) {
      const message = `Cannot access stream ${EventSourceArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.`;
      throw new Refused(400, 'InvalidParameterValueException', message);
    }
    const mapping: Mapping = {
      ...{ UUID: randomUUID(), EventSourceArn, FunctionArn, settings },
      ...{ state: 'Enabled', settledAt: 0, stream: undefined },
    };
    mapping.stream = await this.#follow(mapping);
    this.#begin(mapping, 'Creating');
    this.#mappings.set(mapping.UUID, mapping);
    return mapping;
  }

  #list(query: URLSearchParams, judge: Judge): LambdaAnswer {
    allow(judge, 'ListEventSourceMappings', undefined);
    const source = query.get('EventSourceArn');
    const fn = query.get('FunctionName');
    const found = this.#currentMappings().filter(
      ({ EventSourceArn, FunctionArn }) =>
        (source === null || source === EventSourceArn) && (fn === null || fn === FunctionArn),
    );
    const start = Number(query.get('Marker') ?? 0);
    const end = start + Number(query.get('MaxItems') ?? PAGE);
    const EventSourceMappings = found.slice(start, end).map(described);
    return {
      status: 200,
      body: { EventSourceMappings, ...(end < found.length && { NextMarker: String(end) }) },
    };
  }

  #currentMappings(): Mapping[] {
    for (const [uuid, mapping] of this.#mappings) {
      if (mapping.state === 'Deleting' && Date.now() >= mapping.settledAt) this.#mappings.delete(uuid);
    }
    return [...this.#mappings.values()];
  }

  #begin(mapping: Mapping, state: State): void {
    mapping.state = state;
    mapping.settledAt = Date.now() + this.#options.takesMs;
  }

  #follow({ EventSourceArn, FunctionArn, settings }: Mapping): Promise<TableStream> {
    const { dynamodbEndpoint, invoke } = this.#options;
    const filters = settings.FilterCriteria?.Filters ?? [{ Pattern: '{}' }];
    return followTable({
      endpoint: dynamodbEndpoint,
      tableName: tableOfARN(EventSourceArn)!,
      patterns: filters.map(({ Pattern }) => JSON.parse(Pattern) as EventPattern),
      invoke: (event) => invoke(FunctionArn.split(':')[6]!, event),
    });
  }
}

function stateOf({ state, settledAt }: Mapping): State {
  return state !== 'Deleting' && Date.now() >= settledAt ? 'Enabled' : state;
}

function described(mapping: Mapping): object {
  const { UUID, EventSourceArn, FunctionArn, settings } = mapping;
  const { FunctionName: _, ...more } = settings;
  return { ...more, UUID, EventSourceArn, FunctionArn, State: stateOf(mapping) };
}

function allow(judge: Judge, operation: string, functionARN: string | undefined): void {
  if (judge(`lambda:${operation}`, functionARN)) return;
  throw new Refused(403, 'AccessDeniedException', `not authorized to perform: lambda:${operation}`);
}
