using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Fhir.Server.Storage.Accounts.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Capabilities : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "capability",
                columns: table => new
                {
                    Hash = table.Column<string>(type: "text", nullable: false),
                    Study = table.Column<string>(type: "text", nullable: false),
                    Id = table.Column<string>(type: "text", nullable: true),
                    Authorisation = table.Column<string>(type: "text", nullable: false),
                    Token = table.Column<string>(type: "text", nullable: false),
                    Record = table.Column<string>(type: "text", nullable: false),
                    Series = table.Column<string>(type: "text", nullable: true),
                    Expires = table.Column<long>(type: "bigint", nullable: false),
                    Revoked = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_capability", x => new { x.Hash, x.Study });
                });

            migrationBuilder.CreateIndex(
                name: "IX_capability_Expires",
                table: "capability",
                column: "Expires");

            migrationBuilder.CreateIndex(
                name: "IX_capability_Record_Study",
                table: "capability",
                columns: new[] { "Record", "Study" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "capability");
        }
    }
}
