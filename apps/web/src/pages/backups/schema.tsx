import { Group, Table, Text } from '@mantine/core';
import type { CollectionDefinition, Field } from '@milvault/shared';
import { useText } from '../../text/language.ts';
import { Tag } from '../../ui/tag.tsx';
import { Name } from '../../ui/words.tsx';
import css from './backups.module.css';

interface SchemaProps {
  readonly definition: CollectionDefinition;
  readonly partitions: readonly string[];
}

/** Fields, indexes and partitions of a collection as they were. */
export function Schema({ definition, partitions }: SchemaProps) {
  const text = useText();
  const { fields, indexes, aliases } = definition;
  return (
    <div className={css['fields']}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.backups.field}</Table.Th>
            <Table.Th>{text.backups.dataType}</Table.Th>
            <Table.Th>{text.backups.index}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((field) => (
            <Table.Tr key={field.name}>
              <Table.Td>
                <Group gap={6}>
                  <Name>{field.name}</Name>
                  <Marks field={field} />
                </Group>
              </Table.Td>
              <Table.Td>{typeOf(field)}</Table.Td>
              <Table.Td>
                {indexes
                  .filter((index) => index.field === field.name)
                  .map(({ params }) => params.find(({ key }) => key === 'index_type')?.value ?? '')
                  .join(', ')}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" mt="xs" component="div">
        {text.backups.partitions}: <Name>{partitions.join(', ')}</Name>
        {aliases.length === 0 ? null : (
          <>
            {' · '}
            {text.backups.aliases}: <Name>{aliases.join(', ')}</Name>
          </>
        )}
      </Text>
    </div>
  );
}

const typeOf = ({ type, elementType, dim }: Field): string =>
  `${type}${elementType === undefined ? '' : `<${elementType}>`}${dim === undefined ? '' : `(${String(dim)})`}`;

function Marks({ field }: { readonly field: Field }) {
  const text = useText();
  const marks = [
    ...(field.primaryKey ? [text.backups.primaryKey] : []),
    ...(field.partitionKey ? [text.backups.partitionKey] : []),
    ...(field.nullable ? [text.backups.nullable] : []),
    ...(field.dynamic ? [text.backups.dynamic] : []),
  ];
  return marks.map((mark) => (
    <Tag key={mark} tone="calm">
      {mark}
    </Tag>
  ));
}
