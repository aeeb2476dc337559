import { readDay } from './days.ts';
import { fieldName, holdCash, holdFlex, type Fields } from './ibkr.ts';
import { all, placesOf, readMarkup, type Element } from './markup.ts';
import { NOT_RECOGNISED, type TextAdapter } from './types.ts';

const fieldsOf = (element: Element): Fields => new Map(Object.entries(element.attributes).map(([name, value]) => [fieldName(name), value]));

/** Interactive Brokers Flex query as XML; attributes never seen before are passed over. */
export const flexXml: TextAdapter = {
  id: 'ibkr-flex-xml',
  name: 'IBKR Flex query (XML)',
  delimiter: '',
  recognise({ text }) {
    const start = text.trimStart();
    if (start.startsWith('<') && text.includes('<FlexStatementResponse')) {
      const refusal = {
        code: 'flex_not_ready',
        line: 1,
        reason: 'this is a message of the Flex service, not a statement',
        fix: 'Run the query again and download its result.',
      };
      return { score: 100, layout: this.name, why: ['The root element is FlexStatementResponse.'], refusal };
    }
    if (!start.startsWith('<') || !text.includes('<FlexQueryResponse')) return NOT_RECOGNISED;
    return { score: 100, layout: this.name, why: ['The root element is FlexQueryResponse.'] };
  },
  read(text, book) {
    const root = readMarkup(text, false, book);
    const statements = all(root, 'FlexStatement');
    const stated = Number(all(root, 'FlexStatements')[0]?.attributes['count'] ?? statements.length);
    if (stated !== statements.length) {
      const reason = `the file says it has ${stated} statements, it has ${statements.length}`;
      throw book.refuse('count_differs', reason, 'The file is cut short or altered: download it again.');
    }
    const records = statements.flatMap((statement) => [...all(statement, 'OpenPosition'), ...all(statement, 'CashReportCurrency')]);
    const places = placesOf(records);
    for (const statement of statements) {
      const positions = all(statement, 'OpenPosition');
      const ids = new Map(all(statement, 'SecurityInfo').map((info) => [info.attributes['conid'] ?? '', fieldsOf(info)]));
      const account = statement.attributes['accountId'] ?? '';
      const held = positions.map((element): Fields => {
        const own = [...fieldsOf(element)].filter(([, value]) => value !== '');
        const info = ids.get(element.attributes['conid'] ?? '') ?? [];
        return new Map([['accountid', account], ...info, ...own]);
      });
      held.forEach((fields, index) => holdFlex(book, fields, places.get(positions[index]!)!));
      const base = all(statement, 'AccountInformation')[0]?.attributes['currency'] ?? '';
      const balances = all(statement, 'CashReportCurrency').map((element) => ({
        fields: new Map([['accountid', account], ['basecurrency', base], ...fieldsOf(element)]),
        line: places.get(element)!,
      }));
      holdCash(book, balances, held);
      if (!positions.some(({ attributes }) => attributes['reportDate'])) {
        const { line } = statement;
        book.day(readDay(statement.attributes['toDate'] ?? ''), 'title', line);
      }
    }
  },
};
