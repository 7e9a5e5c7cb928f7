import { parse } from 'yaml';

/** CloudFormation's functions that have a short form, `!Ref x`. */
export const TEMPLATE_FUNCTIONS = [
  ...['Ref', 'Sub', 'GetAtt', 'FindInMap', 'Split'],
  ...['Condition', 'If', 'Not', 'Equals', 'And', 'Or'],
];

const customTags = TEMPLATE_FUNCTIONS.map((name) => `!${name}`).flatMap((tag) => [
  { tag, resolve: (value: string) => value },
  { tag, collection: 'seq' as const, resolve: (value: unknown) => value },
]);

/** A CloudFormation template as it is written: its short functions stand for their arguments. Takes the text. */
export const parsePlainTemplate = <T>(text: string): T => parse(text, { customTags, logLevel: 'error' }) as T;
