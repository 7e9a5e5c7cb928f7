/** A thread that converts YAML to JSON, for `YAMLConverter`. */

import { parentPort } from 'node:worker_threads';
import { BodyBudgetError } from '../../../shared/runtime/serializer/body-budget.ts';
import { DecodingError } from '../../../shared/runtime/serializer/decoding-error.ts';
import { type ConvertedText, convertYAMLHere } from '../../../shared/runtime/serializer/yaml/convert-yaml.ts';

/** Result of a conversion; errors by kind, since classes don't cross threads. */
export type Conversion =
  | { readonly converted: ConvertedText }
  | { readonly decodingError: string }
  | { readonly budgetError: string }
  | { readonly error: unknown };

function convert(yaml: string): Conversion {
  try {
    return { converted: convertYAMLHere(yaml) };
  } catch (error) {
    if (error instanceof DecodingError) return { decodingError: error.message };
    if (error instanceof BodyBudgetError) return { budgetError: error.message };
    return { error };
  }
}

parentPort!.on('message', (yaml: string) => parentPort!.postMessage(convert(yaml)));
