import type { KubeObject } from '../../meta/kube-object.ts';
import { inPieces } from '../../util/breathe.ts';
import type { TableConvertor } from '../table.ts';
import type { CellSource } from './cell.ts';

/** The cells of each object. */
export async function cellsOf(
  { cells, cellsInPieces }: TableConvertor,
  objects: readonly KubeObject[],
): Promise<(readonly CellSource[])[]> {
  if (cellsInPieces === undefined) return objects.map((object) => cells(object));
  const all: (readonly CellSource[])[] = [];
  for (const object of objects) all.push(await inPieces(cellsInPieces(object)));
  return all;
}
