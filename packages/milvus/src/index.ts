export { fieldIdsOf } from './calls/field-ids.ts';
export { emptyArrayOf } from './columns/array.ts';
export { createMilvusClient } from './client.ts';
export * from './port.ts';
export { isPageTooLarge, PageTooLarge } from './transport/errors.ts';
