/** Builds tables from rows: the JSON of a row is made once per version of its object, with gaps for ages. */

import type { KubeObject } from '../../meta/kube-object.ts';
import type { RESTList, RESTObject } from '../../rest/rest-storage.ts';
import { Age, ExpectedTime } from '../../rest/table/age.ts';
import type { CellSource, RowCondition } from '../../rest/table/cell.ts';
import { cellsOf } from '../../rest/table/cells-of.ts';
import { humanDuration } from '../../rest/table/human-duration.ts';
import { formatGroupVersion, type GroupVersionKind } from '../../runtime/group-version.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { joinBytes } from '../../util/join-bytes.ts';
import type { RequestScope } from '../resource/request-scope.ts';
import { objectsOf } from './item-batches.ts';
import { ItemForm } from './item-form.ts';
import { type ItemWriter, listMeta, type SingleOptions } from './item-writer.ts';
import { recentLists } from './recent-lists.ts';
import type { IncludeObject } from './table-options.ts';
import { includedObjects, isWithoutPrinter } from './transform.ts';

interface Row {
  /** JSON fragments. The age to insert between two of them is counted from the corresponding time in `since`. */
  readonly pieces: readonly Uint8Array[];
  readonly since: readonly Time[];
  readonly resourceVersion: string | undefined;
}

/** Milliseconds since the epoch, of ages that only grow. */
type Time = number | ExpectedTime;

/** Ages have a resolution of one second. */
const AGES_LAST_MS = 1_000;

const COMMA = Buffer.from(',');
const TABLE_END = Buffer.from(']}\n');

export class TableRows implements ItemWriter {
  readonly lastMs = AGES_LAST_MS;
  readonly #scope: RequestScope;
  readonly #target: GroupVersionKind;
  readonly #form: ItemForm<Row>;

  constructor(scope: RequestScope, target: GroupVersionKind, includeObject: IncludeObject) {
    this.#scope = scope;
    this.#target = target;
    this.#form = new ItemForm(
      async (objects) => {
        const table = await scope.tableConvertor();
        // Objects are shown in the requested version; cells are computed from the internal one.
        const cells = await cellsOf(table, objects);
        const conditions = objects.map((object) => table.rowConditions?.(object));
        const versions = objects.map(({ metadata }) => metadata.resourceVersion);
        const included = await includedObjects(scope, objects, target, includeObject);
        return objects.map((_, i) => rowOf(cells[i]!, conditions[i], included[i], versions[i]));
      },
      ({ pieces, since }) => pieces.reduce((sum, { length }) => sum + length, 0) + since.length * 8,
    );
  }

  async single(item: RESTObject, options?: SingleOptions): Promise<Uint8Array> {
    const row = await this.#form.one(item);
    const { resourceVersion } = row;
    return this.#join([row], resourceVersion === undefined ? {} : { resourceVersion }, options);
  }

  async list(list: RESTList): Promise<Uint8Array> {
    const rows = await this.#form.all(list.items);
    const { order } = await this.#scope.tableConvertor();
    if (order === undefined) {
      const metadata = listMeta(list);
      const head = `${Math.floor(Date.now() / AGES_LAST_MS)} ${stringifyJSON(metadata)}`;
      return recentLists.of({ owner: this, head, versions: rows }, () => this.#join(rows, metadata));
    }
    const objects = await objectsOf(list.items);
    const indices = objects.map((_, index) => index).sort((a, b) => order(objects[a]!, objects[b]!));
    return this.#join(
      indices.map((index) => rows[index]!),
      listMeta(list),
    );
  }

  async #join(
    rows: readonly Row[],
    metadata: object,
    { noHeaders = false }: SingleOptions = {},
  ): Promise<Uint8Array> {
    const table = await this.#scope.tableConvertor();
    const fields = {
      kind: 'Table',
      apiVersion: formatGroupVersion(this.#target),
      metadata,
      columnDefinitions: noHeaders ? null : table.columnDefinitions,
    };
    if (rows.length === 0 && isWithoutPrinter(this.#scope, table)) {
      return Buffer.from(`${stringifyJSON({ ...fields, rows: null })}\n`);
    }
    const head = stringifyJSON(fields);
    const parts: Uint8Array[] = [Buffer.from(`${head.slice(0, -1)},"rows":[`)];
    const now = Date.now();
    const ages = new Map<string, Buffer>();
    for (const [index, { pieces, since }] of rows.entries()) {
      if (index > 0) parts.push(COMMA);
      for (const [at, piece] of pieces.entries()) {
        parts.push(piece);
        if (at < since.length) parts.push(ageBytes(ages, ageText(since[at]!, now)));
      }
    }
    parts.push(TABLE_END);
    return joinBytes(parts);
  }
}

const ageText = (time: Time, now: number): string =>
  typeof time === 'number' ? humanDuration(now - time) : time.textAt(now);

/** Cached, because most rows share a few ages. */
function ageBytes(ages: Map<string, Buffer>, text: string): Buffer {
  let bytes = ages.get(text);
  if (bytes === undefined) {
    bytes = Buffer.from(text);
    ages.set(text, bytes);
  }
  return bytes;
}

function rowOf(
  cells: readonly CellSource[],
  conditions: readonly RowCondition[] | undefined,
  object: KubeObject | object | undefined,
  resourceVersion: string | undefined,
): Row {
  const pieces: Uint8Array[] = [];
  const since: Time[] = [];
  let text = '{"cells":[';
  for (const [index, cell] of cells.entries()) {
    if (index > 0) text += ',';
    if (cell instanceof Age) {
      pieces.push(Buffer.from(text + JSON.stringify(cell.before).slice(0, -1)));
      since.push(cell instanceof ExpectedTime ? cell : cell.since);
      text = JSON.stringify(cell.after).slice(1);
    } else text += stringifyJSON(cell);
  }
  if (conditions !== undefined) text += `],"conditions":${JSON.stringify(conditions).slice(0, -1)}`;
  pieces.push(Buffer.from(`${text}],"object":${stringifyJSON(object ?? null)}}`));
  return { pieces, since, resourceVersion };
}
