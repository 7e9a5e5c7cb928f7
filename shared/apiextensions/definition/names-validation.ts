import type { CustomResourceDefinitionNames } from '../../apis/apiextensions/v1/types.ts';
import { type FieldError, invalid, required } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { isDNS1035Label } from '../../meta/validation/names.ts';
import { appendAll } from '../../util/append-all.ts';

function validateLabel(path: FieldPath, value: string): FieldError[] {
  const texts = isDNS1035Label(value);
  return value !== '' && texts.length > 0 ? [invalid(path, value, texts.join(','))] : [];
}

function validateKind(path: FieldPath, value: string): FieldError[] {
  const texts = isDNS1035Label(value.toLowerCase());
  if (value === '' || texts.length === 0) return [];
  return [invalid(path, value, `may have mixed case, but should otherwise match: ${texts.join(',')}`)];
}

/** Validates the format of names in a spec or status. */
export function validateNames(names: CustomResourceDefinitionNames, path: FieldPath): FieldError[] {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames, categories } = names;
  const errors = [
    ...validateLabel(path.child('plural'), plural),
    ...validateLabel(path.child('singular'), singular),
    ...validateKind(path.child('kind'), kind),
    ...validateKind(path.child('listKind'), listKind),
  ];
  const list = (values: readonly string[] | undefined | null, at: FieldPath): FieldError[] =>
    (values ?? []).flatMap((value, index) => {
      const texts = isDNS1035Label(value);
      return texts.length > 0 ? [invalid(at.index(index), value, texts.join(','))] : [];
    });
  appendAll(errors, list(shortNames, path.child('shortNames')));
  if (kind !== '' && kind === listKind) {
    errors.push(invalid(path.child('listKind'), listKind, 'kind and listKind may not be the same'));
  }
  return errors.concat(list(categories, path.child('categories')));
}

/** Names that are required in a spec but may be missing in a status. */
export function validateRequiredNames(names: CustomResourceDefinitionNames, path: FieldPath): FieldError[] {
  return (['plural', 'singular', 'kind', 'listKind'] as const)
    .filter((name) => !names[name])
    .map((name) => required(path.child(name), ''));
}
