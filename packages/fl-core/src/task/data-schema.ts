/** What a participant's private examples must look like, so that a page can import and check them. */
import * as z from 'zod/mini';

const label = z.string().check(z.minLength(1), z.maxLength(64));
const labels = z.array(label).check(z.minLength(2), z.maxLength(10_000));

/** Images of one size; pixel values become floats in [0, 1]. */
export const imageDataSchema = z.strictObject({
  kind: z.literal('image'),
  height: z.int().check(z.positive(), z.maximum(1024)),
  width: z.int().check(z.positive(), z.maximum(1024)),
  channels: z.union([z.literal(1), z.literal(3)]),
  labels,
});

/** Rows of a table. A number is standardised as (value - mean) / deviation; a category becomes one-hot. */
export const columnSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('number'),
    name: label,
    mean: z.number(),
    deviation: z.number().check(z.positive()),
  }),
  z.strictObject({
    kind: z.literal('category'),
    name: label,
    categories: z.array(label).check(z.minLength(1)),
  }),
]);
export const tabularDataSchema = z.strictObject({
  kind: z.literal('tabular'),
  columns: z.array(columnSchema).check(z.minLength(1), z.maxLength(4096)),
  labelColumn: label,
  labels,
});

/** Plain text over a fixed alphabet; characters outside it become its first one. */
export const textDataSchema = z.strictObject({
  kind: z.literal('text'),
  alphabet: z.string().check(z.minLength(2), z.maxLength(4096)),
  sequenceLength: z.int().check(z.positive(), z.maximum(4096)),
});

export const dataSchema = z.discriminatedUnion('kind', [imageDataSchema, tabularDataSchema, textDataSchema]);
export type DataSchema = z.infer<typeof dataSchema>;
export type ImageDataSchema = z.infer<typeof imageDataSchema>;
export type TabularDataSchema = z.infer<typeof tabularDataSchema>;
export type TextDataSchema = z.infer<typeof textDataSchema>;
