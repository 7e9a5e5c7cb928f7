import type { ParameterModel, PathModel } from './openapi-model.ts';

const keyOf = ({ name, in: place }: ParameterModel): string => `${place} ${name}`;

/** The parameters that all operations of a path share. */
export function commonParameters(path: PathModel): readonly ParameterModel[] {
  const [first, ...others] = Object.values(path);
  if (first === undefined) return [];
  return first.parameters.filter((parameter) =>
    others.every(({ parameters }) => isCommon(parameter, parameters)),
  );
}

export function isCommon(parameter: ParameterModel, common: readonly ParameterModel[]): boolean {
  return common.some((candidate) => keyOf(candidate) === keyOf(parameter));
}
