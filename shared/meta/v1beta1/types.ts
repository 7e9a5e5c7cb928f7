// Generated from types.json by `npm run generate`. Do not edit.

import type { ListMeta, ObjectMeta, PartialObjectMetadata as meta_v1_PartialObjectMetadata, TableColumnDefinition as meta_v1_TableColumnDefinition, TableRow as meta_v1_TableRow, TableRowCondition as meta_v1_TableRowCondition } from '../v1/types.ts';

export interface PartialObjectMetadata {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
}

export interface PartialObjectMetadataList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: meta_v1_PartialObjectMetadata[] | null | undefined;
}

export interface Table {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  columnDefinitions?: meta_v1_TableColumnDefinition[] | null | undefined;
  rows?: meta_v1_TableRow[] | null | undefined;
}

export interface TableColumnDefinition {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

export interface TableOptions {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  includeObject?: string | undefined;
}

export interface TableRow {
  cells?: unknown[] | null | undefined;
  conditions?: meta_v1_TableRowCondition[] | undefined;
  object?: unknown | undefined;
}

export interface TableRowCondition {
  type: string;
  status: string;
  reason?: string | undefined;
  message?: string | undefined;
}
