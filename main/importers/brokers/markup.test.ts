import { describe, expect, test } from 'vitest';
import type { EpochDay } from '../../contract/units.ts';
import { IssueCollector } from '../issues.ts';
import { Book } from './book.ts';
import { all, readMarkup, textOf } from './markup.ts';

const context = { today: 19_800 as EpochDay, isSession: () => true };
const read = (text: string, sgml = false) => readMarkup(text, sgml, new Book('positions.xml', new IssueCollector(), {}, context as never));

describe('XML', () => {
  test('signs of markup within quotes end no tag, and the other quote ends none', () => {
    const row = all(read(`<a><row name="A > B" note='5" pipe' other="it's"/><row name="C"/></a>`), 'row');
    expect(row.map(({ attributes }) => attributes)).toEqual([{ name: 'A > B', note: '5" pipe', other: "it's" }, { name: 'C' }]);
  });

  test('text in a CDATA section is text as it stands, together with what stands before and behind it', () => {
    const root = read('<a><name>Ben &amp;<![CDATA[<Jerry> &amp; sons]]> &amp; Co\n</name><code><![CDATA[BJ]]></code></a>');
    expect([textOf(root, 'name'), textOf(root, 'code')]).toEqual(['Ben &<Jerry> &amp; sons & Co', 'BJ']);
  });

  test.each([
    ['<a><![CDATA[b</a>', /CDATA section does not end/],
    ['<a><!-- b</a>', /comment does not end/],
    ['<a><b></a>', /<\/a> closes nothing/],
    ['<a><b/>', /<a> does not end/],
    ['<a b="c', /tag does not end/],
    ['<a b=c/>', /attribute of <a> is not written/],
    ['<!DOCTYPE a><a/>', /document type definition/],
    ['<a>'.repeat(120) + '</a>'.repeat(120), /nested too deeply/],
  ])('%.24s… is refused', (text, reason) => expect(() => read(text)).toThrow(reason));

  test('99 elements within one another are read', () => {
    expect(all(read('<a>'.repeat(99) + '</a>'.repeat(99)), 'a')).toHaveLength(99);
  });

  test('a fault is told with its line', () => {
    expect(() => read('<a>\n<b/>\n<b c/>\n</a>')).toThrow(/^positions.xml, line 3: /);
  });
});

test('in the SGML of OFX a leaf ends with its line, and quotes are text', () => {
  const root = read('<OFX>\n<SEC>\n<NAME>Lands\' "End" &amp; Co\n<ID>1\n</SEC>\n<SEC><ID>2</ID></SEC>\n</OFX>', true);
  expect(all(root, 'SEC').map((one) => [textOf(one, 'NAME'), textOf(one, 'ID')])).toEqual([
    ['Lands\' "End" & Co', '1'],
    ['', '2'],
  ]);
});
