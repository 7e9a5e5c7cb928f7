/** Lambda's event source mappings from tables' streams to one function, all with the settings of one model table's. */

import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  LambdaClient,
  paginateListEventSourceMappings,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { NotYet } from '../../shared/fleet/not-yet.ts';
import { appendAll } from '../../shared/util/append-all.ts';
import { equalJSON } from '../../shared/util/json-equal.ts';
import { sdkBounds } from './sdk-bounds.ts';

/** The settings of a mapping that are copied. */
const SETTINGS = [
  'BatchSize',
  'BisectBatchOnFunctionError',
  'FilterCriteria',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'TumblingWindowInSeconds',
] as const satisfies readonly (keyof EventSourceMappingConfiguration)[];

/** Lambda's errors while a mapping is being changed, or for too many requests. */
const BUSY: ReadonlySet<string> = new Set([
  'ResourceConflictException',
  'ResourceInUseException',
  'TooManyRequestsException',
]);
const TIMEOUT_MS = 5_000;

type Mapping = EventSourceMappingConfiguration;

export class StreamMappings {
  readonly #functionName: string;
  readonly #client = new LambdaClient(sdkBounds(TIMEOUT_MS));

  constructor(functionName: string) {
    this.#functionName = functionName;
  }

  /**
   * Makes the function consume a stream from its beginning, with the settings of `model`'s mapping. Rejects with
   * `NotYet`.
   */
  async follow(stream: string, model: string): Promise<void> {
    const [settings, own] = await Promise.all([this.#modelOf(model), this.#mappingOf(stream)]);
    if (own === undefined) {
      // Another process may have created it first.
      await this.#ask('made', 'ResourceConflictException', () =>
        this.#client.send(
          new CreateEventSourceMappingCommand({
            EventSourceArn: stream,
            FunctionName: settings.FunctionArn,
            StartingPosition: 'TRIM_HORIZON',
            ...settingsOf(settings),
          }),
        ),
      );
    } else if (own.State !== 'Creating' && !equalJSON(settingsOf(own), settingsOf(settings))) {
      await this.#ask('changed', undefined, () =>
        this.#client.send(new UpdateEventSourceMappingCommand({ UUID: own.UUID, ...settingsOf(settings) })),
      );
    }
  }

  /**
   * Stops the function from consuming a table's stream, which is unknown if the table is gone. Rejects with `NotYet`.
   */
  async forget(table: string, stream: string | undefined, model: string): Promise<void> {
    const { FunctionArn } = await this.#modelOf(model);
    const mappings = await this.#list(
      stream === undefined ? { FunctionName: FunctionArn } : { EventSourceArn: stream },
    );
    for (const { UUID, EventSourceArn = '', State, ...mapping } of mappings) {
      if (!EventSourceArn.includes(`:table/${table}/stream/`) || !this.#isOurs(mapping)) continue;
      if (State === 'Deleting') continue;
      await this.#ask('removed', 'ResourceNotFoundException', () =>
        this.#client.send(new DeleteEventSourceMappingCommand({ UUID })),
      );
    }
  }

  async #modelOf(stream: string): Promise<Mapping & { readonly FunctionArn: string }> {
    const { FunctionArn, ...settings } = (await this.#mappingOf(stream)) ?? {};
    if (FunctionArn === undefined) throw new Error(`${this.#functionName} doesn't follow ${stream}`);
    return { ...settings, FunctionArn };
  }

  /** Other functions may consume the stream, too. */
  async #mappingOf(stream: string): Promise<Mapping | undefined> {
    return (await this.#list({ EventSourceArn: stream })).find(
      (mapping) => this.#isOurs(mapping) && mapping.State !== 'Deleting',
    );
  }

  #isOurs({ FunctionArn = '' }: Mapping): boolean {
    // arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:ALIAS]
    return FunctionArn.split(':')[6] === this.#functionName;
  }

  async #list(
    of: { readonly EventSourceArn: string } | { readonly FunctionName: string },
  ): Promise<Mapping[]> {
    const mappings: Mapping[] = [];
    for await (const page of paginateListEventSourceMappings({ client: this.#client }, of)) {
      appendAll(mappings, page.EventSourceMappings ?? []);
    }
    return mappings;
  }

  async #ask(done: string, fine: string | undefined, send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
    } catch (error) {
      const { name } = error as Error;
      if (name === fine) return;
      if (BUSY.has(name)) throw new NotYet(`the mapping of its table's stream is not ${done} yet`);
      throw error;
    }
  }
}

function settingsOf({ DestinationConfig, ...mapping }: Mapping) {
  const settings = Object.fromEntries(
    SETTINGS.flatMap((name) => (mapping[name] === undefined ? [] : [[name, mapping[name]]])),
  ) as Partial<Pick<Mapping, (typeof SETTINGS)[number]>>;
  const { OnFailure } = DestinationConfig ?? {};
  return { ...settings, ...(OnFailure && { DestinationConfig: { OnFailure } }) };
}
