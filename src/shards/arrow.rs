//! The schema as Arrow has it, for a Parquet file's metadata: it tells pyarrow, pandas and polars that the vectors are
//! lists of one size, which Parquet itself cannot say.
//!
//! Source: Apache Arrow, `format/Schema.fbs` and `format/Message.fbs`; the key `ARROW:schema` of pyarrow and parquet-rs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flatbuffers::{FlatBufferBuilder, TableFinishedWIPOffset, WIPOffset};

use super::manifest::VectorType;

/// The metadata's key.
pub(super) const KEY: &str = "ARROW:schema";

/// A column's type, of those that shards have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Text.
    Utf8,
    /// Whole numbers of so many bits.
    Int(i32),
    /// Days since 1970.
    Date,
    /// Vectors of so many components.
    Vector(usize, VectorType),
}

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    pub(super) nullable: bool,
}

type Table = WIPOffset<TableFinishedWIPOffset>;

/// `MetadataVersion.V5`.
const VERSION: i16 = 4;
/// `MessageHeader.Schema`.
const HEADER: u8 = 1;
/// Members of the union `Type`.
const INT: u8 = 2;
const FLOATING_POINT: u8 = 3;
const UTF8: u8 = 5;
const DATE: u8 = 8;
const FIXED_SIZE_LIST: u8 = 16;

/// The place of a table's field, by its number in the schema of the format.
const fn slot(field: u16) -> u16 {
    4 + 2 * field
}

/// The value of the metadata's key: an encapsulated message, in base64.
pub(super) fn schema(columns: &[Column]) -> String {
    let mut builder = FlatBufferBuilder::new();
    let fields: Vec<Table> = columns.iter().map(|column| field(&mut builder, column)).collect();
    let fields = builder.create_vector(&fields);
    let table = builder.start_table();
    builder.push_slot_always(slot(1), fields);
    let schema = builder.end_table(table);
    let table = builder.start_table();
    builder.push_slot_always(slot(0), VERSION);
    builder.push_slot_always(slot(1), HEADER);
    builder.push_slot_always(slot(2), schema);
    let message = builder.end_table(table);
    builder.finish_minimal(message);
    let message = builder.finished_data();
    // Its length counts the padding to eight bytes.
    let length = message.len().next_multiple_of(8);
    let mut bytes = vec![0xff; 4];
    bytes.extend((length as u32).to_le_bytes());
    bytes.extend(message);
    bytes.resize(8 + length, 0);
    STANDARD.encode(bytes)
}

fn field(builder: &mut FlatBufferBuilder<'_>, column: &Column) -> Table {
    let children: Vec<Table> = match column.kind {
        Type::Vector(_, kind) => vec![component(builder, kind)],
        _ => Vec::new(),
    };
    let children = builder.create_vector(&children);
    let name = builder.create_string(column.name);
    let (tag, kind) = kind(builder, column.kind);
    let table = builder.start_table();
    builder.push_slot_always(slot(0), name);
    builder.push_slot_always(slot(1), column.nullable);
    builder.push_slot_always(slot(2), tag);
    builder.push_slot_always(slot(3), kind);
    builder.push_slot_always(slot(5), children);
    builder.end_table(table)
}

/// The one child of a vector.
fn component(builder: &mut FlatBufferBuilder<'_>, kind: VectorType) -> Table {
    let none: [Table; 0] = [];
    let children = builder.create_vector(&none);
    let name = builder.create_string(super::schema::COMPONENT);
    let table = builder.start_table();
    // `Precision`: half, single.
    builder.push_slot_always(slot(0), if kind == VectorType::F16 { 0_i16 } else { 1 });
    let float = builder.end_table(table);
    let table = builder.start_table();
    builder.push_slot_always(slot(0), name);
    builder.push_slot_always(slot(1), false);
    builder.push_slot_always(slot(2), FLOATING_POINT);
    builder.push_slot_always(slot(3), float);
    builder.push_slot_always(slot(5), children);
    builder.end_table(table)
}

fn kind(builder: &mut FlatBufferBuilder<'_>, kind: Type) -> (u8, Table) {
    let table = builder.start_table();
    let tag = match kind {
        Type::Utf8 => UTF8,
        Type::Int(bits) => {
            builder.push_slot_always(slot(0), bits);
            builder.push_slot_always(slot(1), true);
            INT
        }
        Type::Date => {
            // `DateUnit.DAY`.
            builder.push_slot_always(slot(0), 0_i16);
            DATE
        }
        Type::Vector(dim, _) => {
            builder.push_slot_always(slot(0), dim as i32);
            FIXED_SIZE_LIST
        }
    };
    (tag, builder.end_table(table))
}
