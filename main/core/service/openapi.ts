/** The routes as an OpenAPI 3.1 document. */
import { FIELDS } from '../../quant/cascade/index.ts';
import { ROUTES } from './routes.ts';
import { TABLE_FORMATS, TABLE_TYPES } from './tables.ts';

const ERROR = {
  description: 'An error of the catalogue.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

/** What valibot keeps of a schema that matters to a caller. */
interface Node {
  readonly type: string;
  readonly pipe?: readonly Node[];
  readonly wrapped?: Node;
  readonly entries?: Readonly<Record<string, Node>>;
  readonly item?: Node;
  readonly options?: readonly string[];
  readonly requirement?: unknown;
  readonly default?: unknown;
}

function schemaOf(node: Node): Record<string, unknown> {
  const pipe = node.pipe ?? [node];
  // The last schema of a pipe describes the object; the actions after it narrow it.
  const main = pipe.filter((part) => 'entries' in part).at(-1) ?? pipe[0]!;
  const rule = (type: string): unknown => pipe.find((part) => part.type === type)?.requirement;
  if (main.type === 'optional') return { ...schemaOf(main.wrapped!), ...(main.default === undefined ? {} : { default: main.default }) };
  if (main.entries) {
    const entries = Object.entries(main.entries);
    return {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, entry]) => [name, schemaOf(entry)])),
      required: entries.filter(([, entry]) => entry.type !== 'optional').map(([name]) => name),
      additionalProperties: false,
    };
  }
  if (main.type === 'array')
    return { type: 'array', items: schemaOf(main.item!), minItems: rule('min_length'), maxItems: rule('max_length') };
  if (main.type === 'picklist') return { type: 'string', enum: main.options };
  if (main.type === 'number') return { type: 'number' };
  const pattern = rule('regex');
  return { type: 'string', ...(pattern instanceof RegExp ? { pattern: pattern.source } : {}) };
}

/** The document for a server at `address`. */
export function openApi(address: string, version: string): Record<string, unknown> {
  const fields = FIELDS.filter(({ internal }) => !internal);
  const metrics = Object.fromEntries(
    fields.map(({ wire, unit, description }) => [
      wire,
      wire === 'flags'
        ? { type: 'array', items: { type: 'string' }, description }
        : { type: ['number', 'null'], description: `${description} Unit: ${unit}.` },
    ]),
  );
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, summary, input } of ROUTES) {
    const schema = schemaOf(input as unknown as Node) as { properties: Record<string, object>; required: string[] };
    const tabular = 'format' in schema.properties;
    const content = Object.fromEntries(
      (tabular ? Object.values(TABLE_TYPES) : [TABLE_TYPES.json]).map((type) => [
        type,
        { schema: type === 'application/json' ? { type: 'object' } : { type: 'string' } },
      ]),
    );
    paths[path] = {
      [method.toLowerCase()]: {
        summary,
        ...(method === 'POST'
          ? { requestBody: { required: true, content: { 'application/json': { schema } } } }
          : {
              parameters: Object.entries(schema.properties).map(([name, type]) => ({
                name,
                in: path.includes(`{${name}}`) ? 'path' : 'query',
                required: schema.required.includes(name),
                schema: type,
              })),
            }),
        responses: { 200: { description: tabular ? `Rows as ${TABLE_FORMATS.join(', ')}.` : 'Done.', content }, default: ERROR },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Hedgerow, read-only', version },
    servers: [{ url: address }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Metrics: { type: 'object', properties: metrics },
        Error: {
          type: 'object',
          properties: {
            error: {
              type: 'object',
              properties: {
                code: { type: 'string' },
                message: { type: 'string' },
                action: { type: 'string' },
                retryable: { type: 'boolean' },
              },
              required: ['code', 'message', 'action', 'retryable'],
            },
          },
          required: ['error'],
        },
      },
    },
  };
}
