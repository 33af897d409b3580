import protobuf from 'protobufjs/light.js';
import { fail } from '@milvault/shared';

/**
 * Messages of Milvus's protocol, written down as plain data: field names, numbers and types are facts of the protocol
 * (github.com/milvus-io/milvus-proto). Only what milvault uses is listed; what is not listed is skipped when reading.
 */
export type ScalarType = 'string' | 'bytes' | 'bool' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float' | 'enum';

interface FieldFacts<T, Repeated extends boolean> {
  readonly id: number;
  readonly type: T;
  readonly repeated: Repeated;
}

export type FieldSpec = FieldFacts<ScalarType | MessageSpec, boolean>;
export type FieldSpecs = Readonly<Record<string, FieldSpec>>;

/** A message; `name` is its full name in the protocol, `fields` are in camel case. */
export interface MessageSpec<F extends FieldSpecs = FieldSpecs> {
  readonly name: string;
  readonly fields: F;
}

/** 64-bit integers are decimal text, because a JavaScript number would round them. */
interface ScalarValues {
  string: string;
  bytes: Uint8Array;
  bool: boolean;
  int32: number;
  uint32: number;
  int64: string;
  uint64: string;
  float: number;
  enum: number;
}

type Single<T> = T extends ScalarType ? ScalarValues[T] : T extends MessageSpec<infer F> ? Value<F> : never;
type FieldValue<S extends FieldSpec> = S['repeated'] extends true ? Single<S['type']>[] : Single<S['type']>;
type Value<F extends FieldSpecs> = { [K in keyof F]: Decoded<F[K]> };
type Decoded<S extends FieldSpec> = S['repeated'] extends true
  ? FieldValue<S>
  : S['type'] extends ScalarType
    ? FieldValue<S>
    : FieldValue<S> | null;

/** A decoded message: absent scalars have their zero value, absent messages are null. */
export type MessageOf<M> = M extends MessageSpec<infer F> ? Value<F> : never;
/** A message to send: what is left out is not sent. */
export type MessageInit<M> = M extends MessageSpec<infer F> ? { readonly [K in keyof F]?: InitValue<F[K]> } : never;
type InitValue<S extends FieldSpec> = S['repeated'] extends true
  ? readonly InitSingle<S['type']>[]
  : InitSingle<S['type']>;
type InitSingle<T> = T extends ScalarType ? ScalarValues[T] : MessageInit<T>;

export const message = <const F extends FieldSpecs>(name: string, fields: F): MessageSpec<F> => ({ name, fields });
export const one = <const T extends ScalarType | MessageSpec>(id: number, type: T): FieldFacts<T, false> => ({
  id,
  type,
  repeated: false,
});
export const many = <const T extends ScalarType | MessageSpec>(id: number, type: T): FieldFacts<T, true> => ({
  id,
  type,
  repeated: true,
});

/** protobufjs types, built on first use. */
const types = new Map<MessageSpec, protobuf.Type>();

/** Type names are local to a root of their own, so dots must go. */
const localName = (spec: MessageSpec): string => spec.name.replaceAll('.', '_');

function collect(spec: MessageSpec, into: Map<string, MessageSpec>): void {
  if (into.has(spec.name)) return;
  into.set(spec.name, spec);
  for (const field of Object.values(spec.fields)) if (typeof field.type !== 'string') collect(field.type, into);
}

const protobufType = (type: FieldSpec['type']): string =>
  typeof type !== 'string' ? localName(type) : type === 'enum' ? 'int32' : type;

function buildType(spec: MessageSpec): protobuf.Type {
  const specs = new Map<string, MessageSpec>();
  collect(spec, specs);
  const nested = [...specs.values()].map((one) => [
    localName(one),
    {
      fields: Object.fromEntries(
        Object.entries(one.fields).map(([name, field]) => [
          name,
          { id: field.id, type: protobufType(field.type), ...(field.repeated ? { rule: 'repeated' } : {}) },
        ]),
      ),
    },
  ]);
  const root = protobuf.Root.fromJSON({ nested: Object.fromEntries(nested) });
  root.resolveAll();
  return root.lookupType(localName(spec));
}

function typeOf(spec: MessageSpec): protobuf.Type {
  const known = types.get(spec);
  if (known !== undefined) return known;
  const built = buildType(spec);
  types.set(spec, built);
  return built;
}

const READABLE: protobuf.IConversionOptions = { longs: String, defaults: true, arrays: true };

/** Bytes of a message. */
export function encodeMessage<M extends MessageSpec>(spec: M, value: MessageInit<M>): Uint8Array {
  const type = typeOf(spec);
  // MessageInit<M> is an object by construction; the compiler cannot see it through the conditional type.
  return type.encode(type.fromObject(value as Record<string, unknown>)).finish();
}

/** PROTOCOL_VIOLATION where the bytes are not such a message. */
export function decodeMessage<M extends MessageSpec>(spec: M, bytes: Uint8Array): MessageOf<M> {
  const type = typeOf(spec);
  try {
    // toObject gives what READABLE and the spec say: exactly MessageOf<M>.
    return type.toObject(type.decode(bytes), READABLE) as MessageOf<M>;
  } catch (cause) {
    throw fail('PROTOCOL_VIOLATION', {
      what: `Milvus answered something that is not a ${spec.name}`,
      details: { bytes: bytes.length },
      cause,
    });
  }
}
