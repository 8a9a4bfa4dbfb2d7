//! The columns of a shard, as Parquet and Arrow have them.

use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::errors::ParquetError;
use parquet::schema::types::{Type, TypePtr};

use super::arrow::{self, Column};
use super::manifest::{Settings, VectorType};

/// A vector's component. Arrow's name for the item of a list.
pub(super) const COMPONENT: &str = "element";

/// The columns in order, the vector last.
pub(super) fn columns(settings: &Settings) -> Vec<Column> {
    let column = |name, kind, nullable| Column { name, kind, nullable };
    let mut columns = vec![
        column("row", arrow::Type::Int(64), false),
        column("id", arrow::Type::Utf8, false),
        column("outlet", arrow::Type::Utf8, false),
        column("article", arrow::Type::Utf8, false),
        column("title", arrow::Type::Utf8, true),
        column("date", arrow::Type::Date, true),
        column("url", arrow::Type::Utf8, true),
        column("place", arrow::Type::Int(32), false),
        column("kind", arrow::Type::Utf8, false),
        column("span_start", arrow::Type::Int(64), false),
        column("span_end", arrow::Type::Int(64), false),
    ];
    columns.extend(settings.text.then(|| column("text", arrow::Type::Utf8, false)));
    columns.push(column("vector", arrow::Type::Vector(settings.model.dim, settings.vectors), false));
    columns
}

/// The message type of a file.
///
/// # Errors
/// None that can come of these columns.
pub(super) fn message(columns: &[Column]) -> Result<TypePtr, ParquetError> {
    let fields = columns.iter().map(|column| parquet_type(column).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(Type::group_type_builder("paragraphs").with_fields(fields).build()?))
}

fn parquet_type(column: &Column) -> Result<Type, ParquetError> {
    let repetition = if column.nullable { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    let (physical, logical) = match column.kind {
        arrow::Type::Utf8 => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        arrow::Type::Int(32) => (Physical::INT32, None),
        arrow::Type::Int(_) => (Physical::INT64, None),
        arrow::Type::Date => (Physical::INT32, Some(LogicalType::Date)),
        arrow::Type::Vector(_, kind) => return vector(column.name, kind),
    };
    let builder = Type::primitive_type_builder(column.name, physical);
    builder.with_repetition(repetition).with_logical_type(logical).build()
}

/// A list as Parquet's rules for nested types have it: `required group vector (LIST) { repeated group list { required
/// float element } }`.
fn vector(name: &str, kind: VectorType) -> Result<Type, ParquetError> {
    let builder = match kind {
        VectorType::F32 => Type::primitive_type_builder(COMPONENT, Physical::FLOAT),
        VectorType::F16 => Type::primitive_type_builder(COMPONENT, Physical::FIXED_LEN_BYTE_ARRAY)
            .with_length(2)
            .with_logical_type(Some(LogicalType::Float16)),
    };
    let component = Arc::new(builder.with_repetition(Repetition::REQUIRED).build()?);
    let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED);
    let list = Arc::new(list.with_fields(vec![component]).build()?);
    Type::group_type_builder(name)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::List))
        .with_converted_type(ConvertedType::LIST)
        .with_fields(vec![list])
        .build()
}
